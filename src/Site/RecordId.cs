using System.Buffers.Binary;
using Keywright.Protocol.Keys;

namespace Keywright.Site;

/// <summary>
/// Names a row of the site: a UUIDv7 (RFC 9562 §5.7), 16 bytes that begin with the time in milliseconds, so that new rows stand
/// behind old ones.
/// </summary>
public readonly record struct RecordId
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    private readonly UInt128 value;

    /// <summary>Takes 16 bytes as they are.</summary>
    public RecordId(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>A new one.</summary>
    public static RecordId New(DateTimeOffset now, IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[Size];
        entropy.Fill(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(now.ToUnixTimeMilliseconds() >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)now.ToUnixTimeMilliseconds());
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return new RecordId(bytes);
    }

    /// <summary>The 16 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    public override string ToString() => new Guid(ToArray(), bigEndian: true).ToString();
}
