using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening;

/// <summary>Opens E0 (docs/spec/wire.md §5): the counterpart of <see cref="Sealing.Encrypt0Sealer"/>.</summary>
public static class Encrypt0Opener
{
    /// <summary>
    /// Opens a content of at most <paramref name="maxSizeBytes"/>; the caller wipes what it gets.
    /// Refusals: Malformed, TooLarge, WrongAlgorithm, BadSeal.
    /// </summary>
    public static Outcome<byte[]> Open(
        SealKey key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> message, int maxSizeBytes)
    {
        var reader = new CborReader(message);
        reader.Array(3, 3);
        var header = reader.Bytes();
        reader.Map(0);
        reader.EndMap();
        var ciphertext = reader.Bytes(Hpke.TagSize, maxSizeBytes + Hpke.TagSize);
        reader.EndArray();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        var headerReader = new CborReader(header);
        var iv = HpkeEnvelope.ReadContentHeader(ref headerReader);
        if (headerReader.Finish() is { } bad)
        {
            return bad;
        }

        var content = new byte[ciphertext.Length - Hpke.TagSize];
        using var gcm = new AesGcm(key.Expose(), Hpke.TagSize);
        try
        {
            gcm.Decrypt(
                iv, ciphertext[..content.Length], ciphertext[content.Length..], content, Encrypt0Envelope.Aad(header, aad));
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return new Refusal(Reason.BadSeal, "sealed under another key or for another purpose, or changed on the way");
        }
    }
}
