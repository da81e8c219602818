using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Cose;

/// <summary>The protected header of signed and tagged messages: {1: algorithm, 16: typ}, nothing else.</summary>
internal static class ProtectedHeader
{
    public const int MaxSizeBytes = 128;

    private const int Es256 = -7;
    private const int Hmac256 = 5;
    private const int AlgorithmKey = 1;
    private const int TypeKey = 16;

    public static byte[] Write(MessageType type, Protection protection)
    {
        if (!type.Protections.HasFlag(protection))
        {
            throw new InvalidOperationException($"A {type.Name} never comes under {protection}.");
        }

        using var writer = new CborWriter(MaxSizeBytes);
        return writer.Map(2)
            .Key(AlgorithmKey).Int(protection == Protection.Signature ? Es256 : Hmac256)
            .Key(TypeKey).Text(type.MediaType)
            .ToArray();
    }

    public static Outcome<Protection> Read(MessageType type, ReadOnlySpan<byte> header)
    {
        var reader = new CborReader(header);
        reader.Map(2, 2);
        reader.Key(AlgorithmKey);
        var algorithm = reader.Int(int.MinValue, int.MaxValue);
        reader.Key(TypeKey);
        var media = reader.Text(1, MaxSizeBytes);
        reader.EndMap();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        var protection = algorithm switch
        {
            Es256 => Protection.Signature,
            Hmac256 => Protection.Mac,
            _ => Protection.None,
        };
        if (protection == Protection.None || !type.Protections.HasFlag(protection))
        {
            return new Refusal(Reason.WrongAlgorithm, $"a {type.Name} under algorithm {algorithm}");
        }

        return media == type.MediaType
            ? protection
            : new Refusal(Reason.WrongType, $"{media} where {type.MediaType} is expected");
    }
}
