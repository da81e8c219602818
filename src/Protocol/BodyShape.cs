namespace Keywright.Protocol;

/// <summary>
/// The shape of a body (Cobblestone-256 of c2sp.org/chunked-encryption): salt (24) ‖ commitment (32) ‖ chunks
/// of 16 KiB, each with its tag (16); the last chunk is always shorter, perhaps empty. What a carrier needs
/// to know to cut ranges.
/// </summary>
public static class BodyShape
{
    /// <summary>Size of the salt in bytes; a salt never repeats under a key.</summary>
    public const int SaltSize = 24;

    /// <summary>Salt and commitment.</summary>
    public const int HeaderSize = SaltSize + 32;

    /// <summary>Plaintext bytes in every chunk but the last, which has fewer.</summary>
    public const int ChunkSize = 16 * 1024;

    /// <summary>Size of the tag behind each chunk.</summary>
    public const int TagSize = 16;

    /// <summary>Sealed bytes in every chunk but the last, which has fewer.</summary>
    public const int SealedChunkSize = ChunkSize + TagSize;

    /// <summary>Size of an input key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>The most chunks that a body can have: 2³⁸.</summary>
    public const long MaxChunks = 1L << 38;

    /// <summary>
    /// Chunks in the body of a message of <paramref name="plainSize"/> bytes, the short last one included.
    /// </summary>
    public static long ChunksOf(long plainSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plainSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(plainSize, MaxChunks * ChunkSize);
        return (plainSize / ChunkSize) + 1;
    }

    /// <summary>Bytes in the body of a message of <paramref name="plainSize"/> bytes.</summary>
    public static long SealedSizeOf(long plainSize) =>
        HeaderSize + plainSize + (ChunksOf(plainSize) * TagSize);

    /// <summary>Where sealed chunk <paramref name="index"/> begins in the body.</summary>
    public static long OffsetOf(long index) => HeaderSize + (index * SealedChunkSize);

    /// <summary>
    /// The message size that a body of <paramref name="sealedSize"/> bytes claims;
    /// <see cref="Reason.BadSeal"/> when no message gives that size. Only opening the last chunk proves the
    /// claim.
    /// </summary>
    public static Outcome<long> PlainSizeOf(long sealedSize)
    {
        var rest = sealedSize - HeaderSize;
        if (rest < TagSize || rest % SealedChunkSize < TagSize || rest / SealedChunkSize >= MaxChunks)
        {
            return new Refusal(Reason.BadSeal, $"No body has {sealedSize} bytes.");
        }

        return rest - (((rest / SealedChunkSize) + 1) * TagSize);
    }
}
