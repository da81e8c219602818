using System.Security.Cryptography;
using System.Text;

namespace Keywright.Protocol.Keys;

/// <summary>
/// RFC 9180 base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-GCM: the key schedule that sealing and opening share.
/// </summary>
internal static class Hpke
{
    public const int EncapsulatedSize = P256.PointSize;
    public const int TagSize = 16;
    public const int NonceSize = 12;

    private const int HashSize = SHA256.HashSizeInBytes;

    private static readonly byte[] KemSuite = [.. "KEM"u8, 0x00, 0x10];

    /// <summary>DeriveKeyPair (§7.1.3) of the ephemeral key, by rejection from <paramref name="ikm"/>.</summary>
    public static HpkePrivateKey DeriveKeyPair(ReadOnlySpan<byte> ikm)
    {
        var root = LabeledExtract(KemSuite, [], "dkp_prk", ikm);
        Span<byte> candidate = stackalloc byte[P256.ScalarSize];
        for (var counter = 0; counter < 256; counter++)
        {
            LabeledExpand(KemSuite, root, "candidate", [(byte)counter], candidate);
            if (P256.IsScalar(candidate))
            {
                var pair = HpkePrivateKey.FromScalar(candidate);
                CryptographicOperations.ZeroMemory(candidate);
                CryptographicOperations.ZeroMemory(root);
                return pair;
            }
        }

        throw new CryptographicException("256 candidates out of range.");
    }

    /// <summary>ExtractAndExpand (§4.1) of the agreed point; wipes it.</summary>
    public static byte[] SharedSecret(byte[] agreed, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> recipient)
    {
        var root = LabeledExtract(KemSuite, [], "eae_prk", agreed);
        var secret = new byte[HashSize];
        LabeledExpand(KemSuite, root, "shared_secret", [.. encapsulated, .. recipient], secret);
        CryptographicOperations.ZeroMemory(agreed);
        CryptographicOperations.ZeroMemory(root);
        return secret;
    }

    /// <summary>KeySchedule (§5.1) in base mode: key of <paramref name="keySize"/> bytes and nonce; wipes the shared secret.</summary>
    public static (byte[] Key, byte[] Nonce) Schedule(byte[] shared, ReadOnlySpan<byte> info, int keySize)
    {
        byte[] suite = [.. "HPKE"u8, 0x00, 0x10, 0x00, 0x01, 0x00, (byte)(keySize == 16 ? 1 : 2)];
        byte[] context =
        [
            0x00, .. LabeledExtract(suite, [], "psk_id_hash", []), .. LabeledExtract(suite, [], "info_hash", info),
        ];
        var root = LabeledExtract(suite, shared, "secret", []);
        var key = new byte[keySize];
        var nonce = new byte[NonceSize];
        LabeledExpand(suite, root, "key", context, key);
        LabeledExpand(suite, root, "base_nonce", context, nonce);
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(root);
        return (key, nonce);
    }

    private static byte[] LabeledExtract(
        ReadOnlySpan<byte> suite, ReadOnlySpan<byte> salt, string label, ReadOnlySpan<byte> ikm)
    {
        byte[] labeled = [.. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. ikm];
        var extracted = new byte[HashSize];
        HKDF.Extract(HashAlgorithmName.SHA256, labeled, salt, extracted);
        CryptographicOperations.ZeroMemory(labeled);
        return extracted;
    }

    private static void LabeledExpand(
        ReadOnlySpan<byte> suite, ReadOnlySpan<byte> root, string label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        byte[] labeled =
        [
            (byte)(output.Length >> 8), (byte)output.Length,
            .. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. info,
        ];
        HKDF.Expand(HashAlgorithmName.SHA256, root, output, labeled);
    }
}
