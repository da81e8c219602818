using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Cose;

/// <summary>The byte shapes of E0 (docs/spec/wire.md §5), shared by sealing and opening.</summary>
internal static class Encrypt0Envelope
{
    /// <summary>Enc_structure of RFC 9052 §5.3.</summary>
    public static byte[] Aad(ReadOnlySpan<byte> header, ReadOnlySpan<byte> externalAad)
    {
        using var writer = new CborWriter(128);
        return writer.Array(3).Text("Encrypt0").Bytes(header).Bytes(externalAad).ToArray();
    }
}
