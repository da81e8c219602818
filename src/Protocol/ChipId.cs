using Keywright.Protocol.Cbor;

namespace Keywright.Protocol;

/// <summary>
/// The chip's identity: an RFC 9711 UEID of type RAND, 17 bytes = 0x01 ‖ 16 random bytes, written by the chip maker into
/// immutable memory. Compared by value, printed as lower-case hex. Refusals: Malformed.
/// </summary>
public readonly record struct ChipId
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 17;

    private const byte TypeRand = 0x01;

    private readonly UInt128 random;

    private ChipId(UInt128 random) => this.random = random;

    /// <summary>Makes an ID of 16 random bytes.</summary>
    public static ChipId FromRandom(ReadOnlySpan<byte> random16) =>
        new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(random16));

    /// <summary>Reads the 17 bytes.</summary>
    public static Outcome<ChipId> Parse(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size && bytes[0] == TypeRand
            ? FromRandom(bytes[1..])
            : new Refusal(Reason.Malformed, "a chip ID is 17 bytes and begins with 01");

    /// <summary>Reads the 34 hex digits that <see cref="ToString"/> prints.</summary>
    public static Outcome<ChipId> Parse(string hex)
    {
        var bytes = new byte[Size];
        return Convert.FromHexString(hex, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            ? Parse(bytes.AsSpan(0, written))
            : new Refusal(Reason.Malformed, "a chip ID is 34 hex digits");
    }

    /// <summary>Reads it as a byte string of a message.</summary>
    public static ChipId Read(ref CborReader reader)
    {
        var bytes = reader.Bytes(Size);
        if (reader.Failed)
        {
            return default;
        }

        if (Parse(bytes).Refused(out var id, out var why))
        {
            reader.Refuse(why.Reason, why.Detail);
        }

        return id;
    }

    /// <summary>The 17 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        bytes[0] = TypeRand;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(1), random);
        return bytes;
    }

    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
