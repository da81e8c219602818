using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening;

/// <summary>
/// Opens one body (Cobblestone-256 of c2sp.org/chunked-encryption; shape in <see cref="BodyShape"/>), a chunk
/// at a time and in any order. A body that is cut short, lengthened, reordered or changed, or was sealed
/// under another key or context, is refused as <see cref="Reason.BadSeal"/>. Not safe for concurrent use.
/// </summary>
public sealed class BodyOpener : IDisposable
{
    private readonly BodyCipher cipher;

    private BodyOpener(BodyCipher cipher) => this.cipher = cipher;

    /// <summary>
    /// Checks the commitment in the header of <see cref="BodyShape.HeaderSize"/> bytes: afterwards key and
    /// context are known to be those of the body. A key that has not 32 bytes is an
    /// <see cref="ArgumentException"/>.
    /// </summary>
    public static Outcome<BodyOpener> Begin(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, BodyShape.KeySize);
        if (header.Length != BodyShape.HeaderSize)
        {
            return new Refusal(Reason.BadSeal, "The body ends before its first chunk.");
        }

        var cipher = new BodyCipher(key, header[..BodyShape.SaltSize], context);
        if (CryptographicOperations.FixedTimeEquals(cipher.Commitment, header[BodyShape.SaltSize..]))
        {
            return new BodyOpener(cipher);
        }

        cipher.Dispose();
        return new Refusal(Reason.BadSeal, "The body was sealed under another key or context.");
    }

    /// <summary>
    /// Opens all of <paramref name="source"/> to <paramref name="destination"/>, a chunk in memory at a time,
    /// and returns the size of the message. On a refusal the chunks before the fault have been written: they
    /// are a true beginning of the message, but no more than that.
    /// </summary>
    public static Outcome<long> Open(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, Stream source, Stream destination)
    {
        var input = new byte[BodyShape.SealedChunkSize];
        var size = source.ReadAtLeast(
            input.AsSpan(0, BodyShape.HeaderSize), BodyShape.HeaderSize, throwOnEndOfStream: false);
        if (Begin(key, context, input.AsSpan(0, size)).Refused(out var opener, out var why))
        {
            return why;
        }

        using (opener)
        {
            return opener.OpenChunks(input, source, destination);
        }
    }

    /// <summary>
    /// Opens sealed chunk <paramref name="index"/>, counted from 0, and returns its plain size. A sealed
    /// chunk of <see cref="BodyShape.SealedChunkSize"/> bytes has another after it; a shorter one ends the
    /// body, and only its opening proves that nothing was cut off. When refused, nothing of
    /// <paramref name="destination"/> may be used.
    /// </summary>
    public Outcome<int> OpenChunk(long index, ReadOnlySpan<byte> sealedChunk, Span<byte> destination)
    {
        if (index is < 0 or >= BodyShape.MaxChunks ||
            sealedChunk.Length is < BodyShape.TagSize or > BodyShape.SealedChunkSize)
        {
            return new Refusal(Reason.BadSeal, $"No chunk {index} of a body has {sealedChunk.Length} bytes.");
        }

        return cipher.TryOpen(index, sealedChunk, destination)
            ? sealedChunk.Length - BodyShape.TagSize
            : new Refusal(Reason.BadSeal, $"Chunk {index} of the body does not authenticate.");
    }

    /// <summary>
    /// Opens the message's bytes from <paramref name="offset"/> on into <paramref name="destination"/>, reading from a
    /// seekable <paramref name="body"/> the chunks that hold them and no other. Returns how many there were: fewer than
    /// asked for only at the end of the message, which opening its last chunk has then proven. Refused as
    /// <see cref="Reason.BadSeal"/>, also when no chunk holds the offset; nothing of the destination may be used then.
    /// </summary>
    public Outcome<int> OpenRange(Stream body, long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var input = new byte[BodyShape.SealedChunkSize];
        var chunk = new byte[BodyShape.ChunkSize];
        try
        {
            var done = 0;
            var skip = (int)(offset % BodyShape.ChunkSize);
            for (var index = offset / BodyShape.ChunkSize; done < destination.Length; index++)
            {
                body.Position = BodyShape.OffsetOf(index);
                var read = body.ReadAtLeast(input, input.Length, throwOnEndOfStream: false);
                if (OpenChunk(index, input.AsSpan(0, read), chunk).Refused(out var size, out var why))
                {
                    return why;
                }

                var taken = chunk.AsSpan(0, size)[Math.Min(skip, size)..];
                taken = taken[..Math.Min(taken.Length, destination.Length - done)];
                taken.CopyTo(destination[done..]);
                done += taken.Length;
                skip = 0;
                if (size < chunk.Length)
                {
                    break;
                }
            }

            return done;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
        }
    }

    /// <summary>Wipes the keys of the body.</summary>
    public void Dispose() => cipher.Dispose();

    private Outcome<long> OpenChunks(byte[] input, Stream source, Stream destination)
    {
        var chunk = new byte[BodyShape.ChunkSize];
        try
        {
            var total = 0L;
            var size = chunk.Length;
            for (var index = 0L; size == chunk.Length; index++)
            {
                var read = source.ReadAtLeast(input, input.Length, throwOnEndOfStream: false);
                if (OpenChunk(index, input.AsSpan(0, read), chunk).Refused(out size, out var why))
                {
                    return why;
                }

                destination.Write(chunk.AsSpan(0, size));
                total += size;
            }

            return total;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
        }
    }
}
