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

    /// <summary>All arrays with their byte strings; then the headers one by one, the content's first.</summary>
    private static Outcome<Parts> Parse(ReadOnlySpan<byte> message, Digest kid, int maxSizeBytes)
    {
        var reader = new CborReader(message);
        reader.Array(4, 4);
        var header = reader.Bytes().ToArray();
        reader.Map(0);
        reader.EndMap();
        var content = reader.Bytes(Hpke.TagSize, maxSizeBytes + Hpke.TagSize).ToArray();
        var recipients = new Recipient[reader.Array(1, HpkeEnvelope.MaxRecipients)];
        for (var i = 0; i < recipients.Length; i++)
        {
            recipients[i] = ReadRecipient(ref reader);
        }

        reader.EndArray();
        reader.EndArray();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        if (HpkeEnvelope.ReadContentHeader(header).Refused(out var iv, out var why))
        {
            return why;
        }

        Recipient? ours = null;
        foreach (var recipient in recipients)
        {
            if (HpkeEnvelope.ReadRecipientHeader(recipient.Header).Refused(out var named, out why))
            {
                return why;
            }

            ours ??= named == kid ? recipient : null;
        }

        return new Parts(header, iv, content, ours);
    }

    private static Recipient ReadRecipient(ref CborReader reader)
    {
        reader.Array(3, 3);
        var header = reader.Bytes().ToArray();
        reader.Map(1);
        reader.Key(HpkeEnvelope.EncapsulatedKey);
        var encapsulated = reader.Bytes(Hpke.EncapsulatedSize).ToArray();
        reader.EndMap();
        var wrapped = reader.Bytes(HpkeEnvelope.ContentKeySize + Hpke.TagSize).ToArray();
        reader.EndArray();
        return new Recipient(header, encapsulated, wrapped);
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

    private sealed record Recipient(byte[] Header, byte[] Encapsulated, byte[] Wrapped);
}
