using System.Security.Cryptography;

namespace Keywright.Protocol.Opening.Diagnostics;

/// <summary>Opens the body of one segment to a destination, a chunk in memory at a time.</summary>
internal static class SegmentBody
{
    /// <summary>
    /// Null when the body is whole. Chunks that authenticate before a fault are a true beginning: they have
    /// been written, and <paramref name="size"/> counts them. Refusals: BadSeal.
    /// </summary>
    public static Refusal? Open(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, Stream body, Stream destination, out long size)
    {
        size = 0;
        var header = new byte[BodyShape.HeaderSize];
        var got = body.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (BodyOpener.Begin(key, context, header.AsSpan(0, got)).Refused(out var opener, out var foreign))
        {
            return foreign;
        }

        var chunk = GC.AllocateUninitializedArray<byte>(BodyShape.ChunkSize, pinned: true);
        try
        {
            return OpenChunks(opener, chunk, body, destination, ref size);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
            opener.Dispose();
        }
    }

    private static Refusal? OpenChunks(
        BodyOpener opener, byte[] chunk, Stream body, Stream destination, ref long size)
    {
        var input = new byte[BodyShape.SealedChunkSize];
        var opened = chunk.Length;
        for (var index = 0L; opened == chunk.Length; index++)
        {
            var got = body.ReadAtLeast(input, input.Length, throwOnEndOfStream: false);
            if (opener.OpenChunk(index, input.AsSpan(0, got), chunk).Refused(out opened, out var bad))
            {
                return bad;
            }

            destination.Write(chunk.AsSpan(0, opened));
            size += opened;
        }

        return null;
    }
}
