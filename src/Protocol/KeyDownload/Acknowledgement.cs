using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// What a unit answers once the key is stored: that this DATA arrived, in this unit, on this challenge
/// (docs/spec/keydownload.md §6).
/// </summary>
/// <param name="Serial">The unit.</param>
/// <param name="Data">H(DATA).</param>
/// <param name="Tag">CMAC under the acknowledgement key over H(DATA), 16 bytes.</param>
public sealed record Acknowledgement(SerialNumber Serial, Digest Data, ReadOnlyMemory<byte> Tag)
{
    /// <summary>The largest acknowledgement in bytes.</summary>
    public const int MaxSize = 96;

    /// <summary>Made by the unit <paramref name="serial"/> after the key is stored.</summary>
    public static Acknowledgement Of(UnitKey unit, SerialNumber serial, Challenge random, Digest data)
    {
        var tag = new byte[AesCmac.TagSize];
        using var key = KeyOf(unit, random);
        AesCmac.Compute(key.Expose(), data.ToArray(), tag);
        return new Acknowledgement(serial, data, tag);
    }

    /// <summary>
    /// Judges it against the unit's key, its challenge, and the DATA that was exported. Refused as
    /// <see cref="Reason.BadAcknowledgement"/>.
    /// </summary>
    public Outcome<Acknowledgement> Check(UnitKey unit, SerialNumber serial, Challenge random, Digest data)
    {
        if (Serial != serial || Data != data)
        {
            return new Refusal(
                Reason.BadAcknowledgement, $"of {Serial} for {Data}, not {serial} for {data}");
        }

        using var key = KeyOf(unit, random);
        using var cmac = new AesCmac(key.Expose());
        cmac.Append(data.ToArray());
        return cmac.Verify(Tag.Span)
            ? this
            : new Refusal(Reason.BadAcknowledgement, $"the tag of {Serial} does not verify");
    }

    /// <summary>The bytes that travel: {0: 1, 1: SN, 2: H(DATA), 3: tag}.</summary>
    public byte[] Encode()
    {
        using var writer = new CborWriter(MaxSize);
        return writer.Map(4)
            .Key(0).UInt(1)
            .Key(1).Bytes(Serial.ToArray())
            .Key(2).Digest(Data)
            .Key(3).Bytes(Tag.Span)
            .ToArray();
    }

    /// <summary>
    /// Reads the answer. Refusals: <see cref="Reason.TooLarge"/>, <see cref="Reason.Malformed"/>,
    /// <see cref="Reason.WrongVersion"/>.
    /// </summary>
    public static Outcome<Acknowledgement> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSize)
        {
            return new Refusal(Reason.TooLarge, $"an acknowledgement of {bytes.Length} bytes");
        }

        var reader = new CborReader(bytes);
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var serial = reader.Bytes(1, SerialNumber.MaxSize);
        reader.Key(2);
        var data = reader.Digest();
        reader.Key(3);
        var tag = reader.Bytes(AesCmac.TagSize);
        reader.EndMap();
        return reader.Finish() is { } refusal
            ? refusal
            : new Acknowledgement(new SerialNumber(serial), data, tag.ToArray());
    }

    private static AcknowledgementKey KeyOf(UnitKey unit, Challenge random) =>
        CmacKdf.Derive<AcknowledgementKey>(unit, "ack", CborItem.Array(random.ToArray()));
}
