using Keywright.Protocol;
using Keywright.Protocol.Opening;

namespace Keywright.Bench;

/// <summary>So many zeros, from nowhere.</summary>
internal sealed class Zeros(long size) : OneWayStream
{
    private long rest = size;

    public override bool CanRead => true;

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, rest);
        buffer[..count].Clear();
        rest -= count;
        return count;
    }
}

/// <summary>Opens the body that is written into it, a chunk at a time.</summary>
internal sealed class OpeningStream(byte[] key, byte[] context) : OneWayStream
{
    private readonly byte[] waiting = new byte[BodyShape.SealedChunkSize];
    private readonly byte[] plain = new byte[BodyShape.ChunkSize];
    private BodyOpener? opener;
    private int filled;
    private long index;

    /// <summary>Bytes of the message that came out.</summary>
    public long Opened { get; private set; }

    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (opener is null)
        {
            opener = BodyOpener.Begin(key, context, buffer[..BodyShape.HeaderSize]).OrThrow();
            buffer = buffer[BodyShape.HeaderSize..];
        }

        while (!buffer.IsEmpty)
        {
            var taken = Math.Min(buffer.Length, waiting.Length - filled);
            buffer[..taken].CopyTo(waiting.AsSpan(filled));
            buffer = buffer[taken..];
            filled += taken;
            if (filled == waiting.Length)
            {
                OpenWaiting();
            }
        }
    }

    public override void Flush()
    {
        if (filled > 0)
        {
            OpenWaiting();
        }
    }

    protected override void Dispose(bool disposing)
    {
        opener?.Dispose();
        base.Dispose(disposing);
    }

    private void OpenWaiting()
    {
        Opened += opener!.OpenChunk(index++, waiting.AsSpan(0, filled), plain).OrThrow();
        filled = 0;
    }
}

/// <summary>A stream that goes one way and cannot go back.</summary>
internal abstract class OneWayStream : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
