using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Cose;

/// <summary>The byte shapes of E0 (docs/spec/wire.md §5), shared by sealing and opening.</summary>
internal static class Encrypt0Envelope
{
    /// <summary>
    /// The parts of E0 over a content of at most <paramref name="maxSizeBytes"/>; null when it is of this form.
    /// Refusals: Malformed, TooLarge, WrongAlgorithm.
    /// </summary>
    public static Refusal? Read(
        ReadOnlySpan<byte> message,
        int maxSizeBytes,
        out ReadOnlySpan<byte> header,
        out ReadOnlySpan<byte> iv,
        out ReadOnlySpan<byte> ciphertext)
    {
        var reader = new CborReader(message);
        reader.Array(3, 3);
        header = reader.Bytes();
        reader.Map(0);
        reader.EndMap();
        ciphertext = reader.Bytes(Hpke.TagSize, maxSizeBytes + Hpke.TagSize);
        reader.EndArray();
        iv = default;
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        if (HpkeEnvelope.ReadContentHeader(header).Refused(out var nonce, out var why))
        {
            return why;
        }

        iv = nonce;
        return null;
    }

    /// <summary>Enc_structure of RFC 9052 §5.3.</summary>
    public static byte[] Aad(ReadOnlySpan<byte> header, ReadOnlySpan<byte> externalAad)
    {
        using var writer = new CborWriter(128);
        return writer.Array(3).Text("Encrypt0").Bytes(header).Bytes(externalAad).ToArray();
    }
}
