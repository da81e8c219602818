using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Keywright.Protocol.Cbor;

/// <summary>
/// Writes deterministic CBOR in the wire profile (docs/spec/wire.md §2). The caller states map keys in bytewise order
/// (the readers refuse any other). The buffer may hold secrets on their way into a MAC, so it is pinned and
/// wiped on dispose; each thread keeps one for its next writer.
/// </summary>
public sealed class CborWriter : IDisposable
{
    private const int KeptBytes = 4096;

    [ThreadStatic]
    private static byte[]? kept;

    [ThreadStatic]
    private static bool lent;

    private byte[] buffer;
    private int length;

    public CborWriter(int capacityBytes = 256)
    {
        if (capacityBytes > KeptBytes || lent)
        {
            buffer = Allocate(capacityBytes);
        }
        else
        {
            buffer = kept ??= Allocate(KeptBytes);
            lent = true;
        }
    }

    /// <summary>What has been written so far.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public byte[] ToArray() => Written.ToArray();

    public CborWriter Array(int count) => Head(4, (ulong)count);

    public CborWriter Map(int count) => Head(5, (ulong)count);

    /// <summary>A map key, −24…23.</summary>
    public CborWriter Key(int key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key, -24);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key, 23);
        return Int(key);
    }

    public CborWriter Int(long value) => value >= 0 ? Head(0, (ulong)value) : Head(1, (ulong)(-1 - value));

    public CborWriter UInt(ulong value) => Head(0, value);

    public CborWriter Bool(bool value) => Head(7, value ? 21u : 20u);

    public CborWriter Bytes(ReadOnlySpan<byte> value) => Head(2, (ulong)value.Length).Raw(value);

    public CborWriter Digest(Digest value)
    {
        Span<byte> bytes = stackalloc byte[Protocol.Digest.Size];
        value.CopyTo(bytes);
        return Bytes(bytes);
    }

    public CborWriter Text(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        Head(3, (ulong)count);
        Encoding.UTF8.GetBytes(value, Take(count));
        return this;
    }

    /// <summary>Bytes that are CBOR already.</summary>
    public CborWriter Raw(ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(Take(encoded.Length));
        return this;
    }

    public void Dispose()
    {
        LetGo();
        buffer = [];
        length = 0;
    }

    private CborWriter Head(int major, ulong value)
    {
        var lead = (byte)(major << 5);
        switch (value)
        {
            case < 24:
                Take(1)[0] = (byte)(lead | (byte)value);
                break;
            case <= byte.MaxValue:
                var one = Take(2);
                one[0] = (byte)(lead | 24);
                one[1] = (byte)value;
                break;
            case <= ushort.MaxValue:
                var two = Take(3);
                two[0] = (byte)(lead | 25);
                BinaryPrimitives.WriteUInt16BigEndian(two[1..], (ushort)value);
                break;
            case <= uint.MaxValue:
                var four = Take(5);
                four[0] = (byte)(lead | 26);
                BinaryPrimitives.WriteUInt32BigEndian(four[1..], (uint)value);
                break;
            default:
                var eight = Take(9);
                eight[0] = (byte)(lead | 27);
                BinaryPrimitives.WriteUInt64BigEndian(eight[1..], value);
                break;
        }

        return this;
    }

    private Span<byte> Take(int count)
    {
        if (buffer.Length - length < count)
        {
            var larger = Allocate(Math.Max(buffer.Length * 2, checked(length + count)));
            Written.CopyTo(larger);
            LetGo();
            buffer = larger;
        }

        var taken = buffer.AsSpan(length, count);
        length += count;
        return taken;
    }

    private void LetGo()
    {
        CryptographicOperations.ZeroMemory(buffer.AsSpan(0, length));
        lent &= !ReferenceEquals(buffer, kept);
    }

    private static byte[] Allocate(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);
}
