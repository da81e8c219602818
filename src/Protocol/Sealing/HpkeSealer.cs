using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing;

/// <summary>
/// EN: seals a small content to one or several public keys (docs/spec/wire.md §6). COSE_Encrypt with A256GCM, the content
/// key to each recipient by COSE-HPKE key encryption HPKE-7-KE (53), draft-ietf-cose-hpke-27.
/// </summary>
public static class HpkeSealer
{
    /// <summary>
    /// Seals <paramref name="content"/>. <paramref name="extraInfo"/> is the deterministic CBOR that binds it to its message
    /// (recipient_extra_info); every recipient's kid is H of its public key.
    /// </summary>
    public static byte[] Seal(
        ReadOnlySpan<byte> content, ReadOnlySpan<byte> extraInfo, IReadOnlyList<HpkePublicKey> recipients, IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfZero(recipients.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(recipients.Count, HpkeEnvelope.MaxRecipients);
        Span<byte> key = stackalloc byte[HpkeEnvelope.ContentKeySize];
        Span<byte> iv = stackalloc byte[Hpke.NonceSize];
        entropy.Fill(key);
        entropy.Fill(iv);
        var header = HpkeEnvelope.ContentHeader(iv);
        var ciphertext = Aead(key, iv, HpkeEnvelope.ContentAad(header), content);

        using var writer = new CborWriter(ciphertext.Length + 256);
        writer.Array(4).Bytes(header).Map(0).Bytes(ciphertext).Array(recipients.Count);
        foreach (var recipient in recipients)
        {
            var recipientHeader = HpkeEnvelope.RecipientHeader(recipient.Id);
            var info = HpkeEnvelope.RecipientStructure(recipientHeader, extraInfo);
            var (encapsulated, wrapped) = SealOnce(recipient, info, [], key, HpkeEnvelope.ContentKeySize, entropy);
            writer.Array(3).Bytes(recipientHeader)
                .Map(1).Key(HpkeEnvelope.EncapsulatedKey).Bytes(encapsulated)
                .Bytes(wrapped);
        }

        CryptographicOperations.ZeroMemory(key);
        return writer.ToArray();
    }

    /// <summary>RFC 9180 §6.1 single-shot Seal in base mode: the encapsulated key and ciphertext ‖ tag.</summary>
    internal static (byte[] Encapsulated, byte[] Ciphertext) SealOnce(
        HpkePublicKey recipient,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> aad,
        ReadOnlySpan<byte> plaintext,
        int keySize,
        IEntropy entropy)
    {
        Span<byte> ikm = stackalloc byte[P256.ScalarSize];
        entropy.Fill(ikm);
        using var ephemeral = Hpke.DeriveKeyPair(ikm);
        CryptographicOperations.ZeroMemory(ikm);
        var encapsulated = ephemeral.Public.Bytes.ToArray();
        var shared = Hpke.SharedSecret(ephemeral.Agree(recipient), encapsulated, recipient.Bytes);
        var (key, nonce) = Hpke.Schedule(shared, info, keySize);
        var ciphertext = Aead(key, nonce, aad, plaintext);
        CryptographicOperations.ZeroMemory(key);
        return (encapsulated, ciphertext);
    }

    private static byte[] Aead(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        var output = new byte[plaintext.Length + Hpke.TagSize];
        using var gcm = new AesGcm(key, Hpke.TagSize);
        gcm.Encrypt(nonce, plaintext, output.AsSpan(0, plaintext.Length), output.AsSpan(plaintext.Length), aad);
        return output;
    }
}
