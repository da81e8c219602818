using System.Buffers.Binary;
using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// Which life of the site a message belongs to: 16 random bytes drawn at every declared recovery, zero before the first
/// (docs/spec/programming.md §8).
/// </summary>
public readonly record struct SiteEpoch
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    private readonly UInt128 value;

    /// <summary>Takes 16 bytes as they are.</summary>
    public SiteEpoch(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>Before any recovery.</summary>
    public static SiteEpoch First => default;

    /// <summary>Reads it as a byte string of a message.</summary>
    public static SiteEpoch Read(ref CborReader reader)
    {
        var bytes = reader.Bytes(Size);
        return reader.Failed ? default : new SiteEpoch(bytes);
    }

    /// <summary>The 16 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
