using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing;

/// <summary>
/// Seals one body: Cobblestone-256 of c2sp.org/chunked-encryption (AES-256-GCM in chunks of 16 KiB,
/// committing to key and context). Chunks may be sealed in any order and again, so that an interrupted
/// download can go on from a range; one key, salt and context belong to one message alone. Shape:
/// <see cref="BodyShape"/>. Not safe for concurrent use.
/// </summary>
public sealed class BodySealer : IDisposable
{
    private readonly BodyCipher cipher;
    private readonly byte[] salt;

    /// <summary>
    /// Takes a uniformly random or derived key of 32 bytes, a salt of 24 bytes that never repeats under that
    /// key (drawn, or derived where the same body must come out again), and a context, the deterministic CBOR
    /// that binds the body to its message.
    /// </summary>
    public BodySealer(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
    {
        cipher = new BodyCipher(key, salt, context);
        this.salt = salt.ToArray();
    }

    /// <summary>
    /// Seals all of <paramref name="source"/> to <paramref name="destination"/>, a chunk in memory at a time.
    /// </summary>
    public static void Seal(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> salt,
        ReadOnlySpan<byte> context,
        Stream source,
        Stream destination)
    {
        using var sealer = new BodySealer(key, salt, context);
        var chunk = new byte[BodyShape.ChunkSize];
        var output = new byte[BodyShape.SealedChunkSize];
        sealer.WriteHeader(output);
        destination.Write(output.AsSpan(0, BodyShape.HeaderSize));

        try
        {
            var size = chunk.Length;
            for (var index = 0L; size == chunk.Length; index++)
            {
                size = source.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
                destination.Write(output.AsSpan(0, sealer.SealChunk(index, chunk.AsSpan(0, size), output)));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
        }
    }

    /// <summary>
    /// Writes salt ‖ commitment: <see cref="BodyShape.HeaderSize"/> bytes, which go before all chunks.
    /// </summary>
    public void WriteHeader(Span<byte> destination)
    {
        salt.CopyTo(destination);
        cipher.Commitment.CopyTo(destination[BodyShape.SaltSize..]);
    }

    /// <summary>
    /// Seals chunk <paramref name="index"/>, counted from 0, and returns its sealed size. A chunk of
    /// <see cref="BodyShape.ChunkSize"/> bytes has another after it; a shorter one, perhaps empty, ends the
    /// body.
    /// </summary>
    public int SealChunk(long index, ReadOnlySpan<byte> chunk, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, BodyShape.MaxChunks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunk.Length, BodyShape.ChunkSize);
        cipher.Seal(index, chunk, destination);
        return chunk.Length + BodyShape.TagSize;
    }

    /// <summary>Wipes the keys of the body.</summary>
    public void Dispose() => cipher.Dispose();
}
