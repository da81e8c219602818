using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// IMPORT KEY: an application key brought to its unit, in one command (docs/spec/keydownload.md §5).
/// </summary>
/// <param name="Data">DATA, the key block that answered EXPORT KEY, in ASCII.</param>
/// <param name="Ref2">The slot of the unit where, and as what, the key is to be stored.</param>
public sealed record ImportKey(ReadOnlyMemory<byte> Data, uint Ref2)
{
    /// <summary>The largest command in bytes.</summary>
    public const int MaxSize = KeyBlock.MaxSize + 16;

    /// <summary>The bytes that travel: {0: 1, 1: DATA, 2: REF2}.</summary>
    public byte[] Encode()
    {
        using var writer = new CborWriter(Data.Length + 16);
        return writer.Map(3).Key(0).UInt(1).Key(1).Bytes(Data.Span).Key(2).UInt(Ref2).ToArray();
    }

    /// <summary>
    /// Reads the command. Refusals: <see cref="Reason.TooLarge"/>, <see cref="Reason.Malformed"/>,
    /// <see cref="Reason.WrongVersion"/>.
    /// </summary>
    public static Outcome<ImportKey> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSize)
        {
            return new Refusal(Reason.TooLarge, $"an IMPORT KEY of {bytes.Length} bytes");
        }

        var reader = new CborReader(bytes);
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        var data = reader.Bytes(1, KeyBlock.MaxSize);
        reader.Key(2);
        var ref2 = reader.UInt32();
        reader.EndMap();
        return reader.Finish() is { } refusal ? refusal : new ImportKey(data.ToArray(), ref2);
    }
}
