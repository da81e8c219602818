using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Cose;

/// <summary>
/// Signs, tags and reads messages: untagged COSE_Sign1 and COSE_Mac0 (RFC 9052 §4.2, §6.2) in the wire profile
/// (docs/spec/wire.md §3). What is verified and stored are always the bytes received.
/// </summary>
public static class Message
{
    /// <summary>S1&lt;name, key&gt;{content}.</summary>
    public static Verified<T> Sign<T>(T content, SigningKey key)
        where T : IMessage<T>
    {
        using var payload = Payload(content);
        var header = T.Type.Header(Protection.Signature);
        using var signed = ToBeProtected("Signature1", header, payload.Written);
        return Assemble(content, header, payload.Written, key.Sign(signed.Written));
    }

    /// <summary>M0&lt;name, key&gt;{content}.</summary>
    public static Verified<T> Mac<T>(T content, MacKey key)
        where T : IMessage<T>
    {
        using var payload = Payload(content);
        var header = T.Type.Header(Protection.Mac);
        using var tagged = ToBeProtected("MAC0", header, payload.Written);
        Span<byte> tag = stackalloc byte[MacKey.TagSize];
        key.Tag(tagged.Written, tag);
        return Assemble(content, header, payload.Written, tag);
    }

    /// <summary>
    /// Reads envelope and payload; what comes out is not yet verified, and says so in its type.
    /// Order of checks: size, structure, algorithm, typ, payload (docs/spec/wire.md §4).
    /// Refusals: TooLarge, Malformed, WrongAlgorithm, WrongType, WrongVersion.
    /// </summary>
    public static Outcome<Unverified<T>> Parse<T>(ReadOnlyMemory<byte> message)
        where T : IMessage<T>
    {
        if (message.Length > T.Type.MaxSizeBytes)
        {
            return new Refusal(Reason.TooLarge, $"a {T.Type.Name} of {message.Length} bytes");
        }

        var bytes = message.ToArray();
        var reader = new CborReader(bytes);
        reader.Array(4, 4);
        var header = reader.Bytes();
        reader.Map(0);
        reader.EndMap();
        var payload = reader.Bytes();
        var payloadEnd = reader.Position;
        var proof = reader.Bytes();
        reader.EndArray();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        if (ProtectedHeader.Read(T.Type, header).Refused(out var protection, out var foreign))
        {
            return foreign;
        }

        if (proof.Length != (protection == Protection.Signature ? SigningKey.SignatureSize : MacKey.TagSize))
        {
            return new Refusal(Reason.Malformed, $"{proof.Length} bytes of proof");
        }

        var fields = new CborReader(payload);
        var content = T.Read(ref fields);
        return fields.Finish() is { } bad
            ? bad
            : new Unverified<T>(content, bytes, protection, (payloadEnd - payload.Length)..payloadEnd);
    }

    internal static CborWriter ToBeProtected(string context, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
        new CborWriter(payload.Length + header.Length + 32).Array(4).Text(context).Bytes(header).Bytes([]).Bytes(payload);

    private static CborWriter Payload<T>(T content)
        where T : IMessage<T>
    {
        var writer = new CborWriter();
        content.Write(writer);
        return writer;
    }

    private static Verified<T> Assemble<T>(
        T content, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> proof)
        where T : IMessage<T>
    {
        using var writer = new CborWriter(payload.Length + header.Length + proof.Length + 16);
        return new Verified<T>(
            content, writer.Array(4).Bytes(header).Map(0).Bytes(payload).Bytes(proof).ToArray());
    }
}
