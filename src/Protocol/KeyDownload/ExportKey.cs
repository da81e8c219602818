using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// EXPORT KEY: what a unit asks of the SAM, in one command (docs/spec/keydownload.md §4). Nobody vouches for
/// it: whoever changes it gets a key block that the unit refuses.
/// </summary>
/// <param name="Random">The challenge of the unit.</param>
/// <param name="Ref1">Which application key.</param>
/// <param name="Serial">Which unit.</param>
public sealed record ExportKey(Challenge Random, uint Ref1, SerialNumber Serial)
{
    /// <summary>The largest command in bytes.</summary>
    public const int MaxSize = 64;

    /// <summary>The bytes that travel: {0: 1, 1: random, 2: REF1, 3: SN}.</summary>
    public byte[] Encode()
    {
        using var writer = new CborWriter(MaxSize);
        return writer.Map(4)
            .Key(0).UInt(1)
            .Key(1).Bytes(Random.ToArray())
            .Key(2).UInt(Ref1)
            .Key(3).Bytes(Serial.ToArray())
            .ToArray();
    }

    /// <summary>
    /// Reads the command. Refusals: <see cref="Reason.TooLarge"/>, <see cref="Reason.Malformed"/>,
    /// <see cref="Reason.WrongVersion"/>.
    /// </summary>
    public static Outcome<ExportKey> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSize)
        {
            return new Refusal(Reason.TooLarge, $"an EXPORT KEY of {bytes.Length} bytes");
        }

        var reader = new CborReader(bytes);
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var random = reader.Bytes(Challenge.Size);
        reader.Key(2);
        var ref1 = reader.UInt32();
        reader.Key(3);
        var serial = reader.Bytes(1, SerialNumber.MaxSize);
        reader.EndMap();
        return reader.Finish() is { } refusal
            ? refusal
            : new ExportKey(new Challenge(random), ref1, new SerialNumber(serial));
    }
}
