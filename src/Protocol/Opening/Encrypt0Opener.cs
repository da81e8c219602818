using System.Security.Cryptography;
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
        if (Encrypt0Envelope.Read(message, maxSizeBytes, out var header, out var iv, out var ciphertext) is { } malformed)
        {
            return malformed;
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
