using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Fuzz.Targets;

/// <summary>Messages around payloads that no writer would write.</summary>
internal static class Envelope
{
    private const int Es256 = -7;
    private const int Hmac256 = 5;

    /// <summary>S1 over any payload.</summary>
    public static byte[] Sign(MessageType type, byte[] payload, SigningKey key)
    {
        var header = Header(type, Es256);
        return Assemble(header, payload, key.Sign(ToBeProtected("Signature1", header, payload)));
    }

    /// <summary>M0 over any payload.</summary>
    public static byte[] Mac(MessageType type, byte[] payload, MacKey key)
    {
        var header = Header(type, Hmac256);
        var tag = HMACSHA256.HashData(key.Expose(), ToBeProtected("MAC0", header, payload));
        return Assemble(header, payload, tag);
    }

    /// <summary>The payload of a message that was accepted.</summary>
    public static byte[] Payload(byte[] message) => Split(message).Payload;

    /// <summary>The message with its payload as <paramref name="content"/> writes it.</summary>
    public static byte[] Again<T>(byte[] message, T content)
        where T : IMessage<T>
    {
        using var writer = new CborWriter();
        content.Write(writer);
        var (header, _, proof) = Split(message);
        return Assemble(header, writer.ToArray(), proof);
    }

    private static (byte[] Header, byte[] Payload, byte[] Proof) Split(byte[] message)
    {
        var reader = new CborReader(message);
        reader.Array(4, 4);
        var header = reader.Bytes(0, message.Length).ToArray();
        reader.Map(0);
        reader.EndMap();
        var payload = reader.Bytes(0, message.Length).ToArray();
        var proof = reader.Bytes(0, message.Length).ToArray();
        reader.EndArray();
        return reader.Finish() is { } why
            ? throw new InvalidOperationException($"An accepted message is {why}")
            : (header, payload, proof);
    }

    private static byte[] Header(MessageType type, int algorithm)
    {
        using var writer = new CborWriter();
        return writer.Map(2).Key(1).Int(algorithm).Key(16).Text(type.MediaType).ToArray();
    }

    private static byte[] ToBeProtected(string context, byte[] header, byte[] payload)
    {
        using var writer = new CborWriter();
        return writer.Array(4).Text(context).Bytes(header).Bytes([]).Bytes(payload).ToArray();
    }

    private static byte[] Assemble(byte[] header, byte[] payload, byte[] proof)
    {
        using var writer = new CborWriter();
        return writer.Array(4).Bytes(header).Map(0).Bytes(payload).Bytes(proof).ToArray();
    }
}
