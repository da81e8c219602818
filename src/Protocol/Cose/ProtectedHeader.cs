using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Cose;

/// <summary>The protected header of signed and tagged messages: {1: algorithm, 16: typ}, nothing else.</summary>
internal static class ProtectedHeader
{
    private const int UsualSizeBytes = 128;

    private const int Es256 = -7;
    private const int Hmac256 = 5;
    private const int AlgorithmKey = 1;
    private const int TypeKey = 16;

    public static byte[] Write(string name, Protection protection)
    {
        using var writer = new CborWriter(UsualSizeBytes);
        return writer.Map(2)
            .Key(AlgorithmKey).Int(protection == Protection.Signature ? Es256 : Hmac256)
            .Key(TypeKey).Text(MessageType.MediaTypeOf(name))
            .ToArray();
    }

    /// <summary>There is one encoding of each header, so what equals it is right; anything else is read for its reason.</summary>
    public static Outcome<Protection> Read(MessageType type, ReadOnlySpan<byte> header)
    {
        foreach (var protection in (ReadOnlySpan<Protection>)[Protection.Signature, Protection.Mac])
        {
            if (type.Protections.HasFlag(protection) && header.SequenceEqual(type.Header(protection)))
            {
                return protection;
            }
        }

        return Fault(type, header);
    }

    private static Refusal Fault(MessageType type, ReadOnlySpan<byte> header)
    {
        var reader = new CborReader(header);
        reader.Map(2);
        reader.Key(AlgorithmKey);
        var algorithm = reader.Int();
        reader.Key(TypeKey);
        var media = reader.Text();
        reader.EndMap();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        var known = algorithm switch
        {
            Es256 => type.Protections.HasFlag(Protection.Signature),
            Hmac256 => type.Protections.HasFlag(Protection.Mac),
            _ => false,
        };
        return known
            ? new Refusal(Reason.WrongType, $"{media} where {type.MediaType} is expected")
            : new Refusal(Reason.WrongAlgorithm, $"a {type.Name} under algorithm {algorithm}");
    }
}
