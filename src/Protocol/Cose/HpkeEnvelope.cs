using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Cose;

/// <summary>The byte shapes of EN (docs/spec/wire.md §6), shared by sealing and opening.</summary>
internal static class HpkeEnvelope
{
    public const int MaxRecipients = 8;
    public const int ContentKeySize = 32;
    public const int EncapsulatedKey = -4;

    private const int A256Gcm = 3;
    private const int Hpke7KeyEncryption = 53;
    private const int AlgorithmKey = 1;
    private const int KidKey = 4;
    private const int IvKey = 5;

    /// <summary>{1: A256GCM, 5: iv}.</summary>
    public static byte[] ContentHeader(ReadOnlySpan<byte> iv)
    {
        using var writer = new CborWriter(32);
        return writer.Map(2).Key(AlgorithmKey).Int(A256Gcm).Key(IvKey).Bytes(iv).ToArray();
    }

    /// <summary>The iv of a content header. Refusals: Malformed, TooLarge; then WrongAlgorithm.</summary>
    public static Outcome<byte[]> ReadContentHeader(ReadOnlySpan<byte> header) =>
        ReadHeader(header, A256Gcm, IvKey, Keys.Hpke.NonceSize);

    /// <summary>{1: HPKE-7-KE, 4: kid}.</summary>
    public static byte[] RecipientHeader(Digest kid)
    {
        using var writer = new CborWriter(48);
        return writer.Map(2).Key(AlgorithmKey).Int(Hpke7KeyEncryption).Key(KidKey).Digest(kid).ToArray();
    }

    /// <summary>The kid of a recipient header. Refusals: Malformed, TooLarge; then WrongAlgorithm.</summary>
    public static Outcome<Digest> ReadRecipientHeader(ReadOnlySpan<byte> header) =>
        ReadHeader(header, Hpke7KeyEncryption, KidKey, Digest.Size).Refused(out var kid, out var why)
            ? why
            : new Digest(kid);

    /// <summary>Enc_structure of RFC 9052 §5.3 with an empty external_aad.</summary>
    public static byte[] ContentAad(ReadOnlySpan<byte> header)
    {
        using var writer = new CborWriter(64);
        return writer.Array(3).Text("Encrypt").Bytes(header).Bytes([]).ToArray();
    }

    /// <summary>Recipient_structure: HPKE's info.</summary>
    public static byte[] RecipientStructure(ReadOnlySpan<byte> recipientHeader, ReadOnlySpan<byte> extraInfo)
    {
        using var writer = new CborWriter(128);
        return writer.Array(4).Text("HPKE Recipient").Int(A256Gcm).Bytes(recipientHeader).Bytes(extraInfo).ToArray();
    }

    /// <summary>A header of an algorithm and one byte string.</summary>
    private static Outcome<byte[]> ReadHeader(ReadOnlySpan<byte> header, int algorithm, int key, int size)
    {
        var reader = new CborReader(header);
        reader.Map(2);
        reader.Key(AlgorithmKey);
        var found = reader.Int();
        reader.Key(key);
        var value = reader.Bytes(size).ToArray();
        reader.EndMap();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        return found == algorithm
            ? value
            : new Refusal(Reason.WrongAlgorithm, $"algorithm {found} where {algorithm} is expected");
    }
}
