using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing;

/// <summary>E0: COSE_Encrypt0 with A256GCM under a key that both sides hold (docs/spec/wire.md §5).</summary>
public static class Encrypt0Sealer
{
    /// <summary>
    /// Seals <paramref name="content"/> with external_aad <paramref name="aad"/>. The 12 bytes of <paramref name="iv"/> must
    /// never come twice under one key: they are random, a counter, or derived from all that is sealed.
    /// </summary>
    public static byte[] Seal(
        SealKey key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> content)
    {
        var header = HpkeEnvelope.ContentHeader(iv);
        var ciphertext = new byte[content.Length + Hpke.TagSize];
        using var gcm = new AesGcm(key.Expose(), Hpke.TagSize);
        gcm.Encrypt(
            iv,
            content,
            ciphertext.AsSpan(0, content.Length),
            ciphertext.AsSpan(content.Length),
            Encrypt0Envelope.Aad(header, aad));
        using var writer = new CborWriter(ciphertext.Length + 64);
        return writer.Array(3).Bytes(header).Map(0).Bytes(ciphertext).ToArray();
    }
}
