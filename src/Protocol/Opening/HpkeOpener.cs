using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening;

/// <summary>Opens EN (docs/spec/wire.md §6): the counterpart of <see cref="Sealing.HpkeSealer"/>.</summary>
public static class HpkeOpener
{
    /// <summary>
    /// Opens with a private key, whose kid must be among the recipients. The caller wipes what it gets.
    /// Order of checks: structure, algorithms, recipient, content key, content.
    /// Refusals: Malformed, TooLarge, WrongAlgorithm, NotTheRecipient, BadSeal.
    /// </summary>
    public static Outcome<byte[]> Open(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> extraInfo, HpkePrivateKey key, int maxSizeBytes)
    {
        if (Parse(message, key.Public.Id, maxSizeBytes).Refused(out var parts, out var malformed))
        {
            return malformed;
        }

        if (parts.Recipient is not { } recipient)
        {
            return new Refusal(Reason.NotTheRecipient, $"not sealed to {key.Public}");
        }

        var info = HpkeEnvelope.RecipientStructure(recipient.Header, extraInfo);
        if (OpenOnce(key, recipient.Encapsulated, info, [], recipient.Wrapped, HpkeEnvelope.ContentKeySize)
            .Refused(out var contentKey, out var why))
        {
            return why;
        }

        var content = Aead(contentKey, parts.Iv, HpkeEnvelope.ContentAad(parts.Header), parts.Content);
        CryptographicOperations.ZeroMemory(contentKey);
        return content;
    }

    /// <summary>RFC 9180 §6.1 single-shot Open in base mode. Refusals: BadSeal.</summary>
    internal static Outcome<byte[]> OpenOnce(
        HpkePrivateKey key,
        ReadOnlySpan<byte> encapsulated,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> aad,
        ReadOnlySpan<byte> ciphertext,
        int keySize)
    {
        if (key.Agree(encapsulated) is not { } agreed)
        {
            return new Refusal(Reason.BadSeal, "the encapsulated key is not a point of P-256");
        }

        var shared = Hpke.SharedSecret(agreed, encapsulated, key.Public.Bytes);
        var (aeadKey, nonce) = Hpke.Schedule(shared, info, keySize);
        var plaintext = Aead(aeadKey, nonce, aad, ciphertext);
        CryptographicOperations.ZeroMemory(aeadKey);
        return plaintext;
    }

    private static Outcome<Parts> Parse(ReadOnlySpan<byte> message, Digest kid, int maxSizeBytes)
    {
        var reader = new CborReader(message);
        reader.Array(4, 4);
        var header = reader.Bytes(1, 64).ToArray();
        reader.Map(0, 0);
        reader.EndMap();
        var content = reader.Bytes(Hpke.TagSize, maxSizeBytes + Hpke.TagSize).ToArray();
        var count = reader.Array(1, HpkeEnvelope.MaxRecipients);
        Recipient? ours = null;
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var recipient = ReadRecipient(ref reader);
            ours ??= recipient.Kid == kid ? recipient : null;
        }

        reader.EndArray();
        reader.EndArray();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        var headerReader = new CborReader(header);
        var iv = HpkeEnvelope.ReadContentHeader(ref headerReader);
        return headerReader.Finish() is { } bad ? bad : new Parts(header, iv, content, ours);
    }

    private static Recipient ReadRecipient(ref CborReader reader)
    {
        reader.Array(3, 3);
        var header = reader.Bytes(1, 64).ToArray();
        reader.Map(1, 1);
        reader.Key(HpkeEnvelope.EncapsulatedKey);
        var encapsulated = reader.Bytes(Hpke.EncapsulatedSize).ToArray();
        reader.EndMap();
        var wrapped = reader.Bytes(HpkeEnvelope.ContentKeySize + Hpke.TagSize).ToArray();
        reader.EndArray();

        var headerReader = new CborReader(header);
        var kid = HpkeEnvelope.ReadRecipientHeader(ref headerReader);
        if (headerReader.Finish() is { } bad)
        {
            reader.Refuse(bad.Reason, bad.Detail);
        }

        return new Recipient(kid, header, encapsulated, wrapped);
    }

    private static Outcome<byte[]> Aead(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> input)
    {
        if (input.Length < Hpke.TagSize)
        {
            return new Refusal(Reason.BadSeal, "shorter than its tag");
        }

        var output = new byte[input.Length - Hpke.TagSize];
        using var gcm = new AesGcm(key, Hpke.TagSize);
        try
        {
            gcm.Decrypt(nonce, input[..output.Length], input[output.Length..], output, aad);
            return output;
        }
        catch (AuthenticationTagMismatchException)
        {
            return new Refusal(Reason.BadSeal, "sealed under another key, or changed on the way");
        }
    }

    private sealed record Parts(byte[] Header, byte[] Iv, byte[] Content, Recipient? Recipient);

    private sealed record Recipient(Digest Kid, byte[] Header, byte[] Encapsulated, byte[] Wrapped);
}
