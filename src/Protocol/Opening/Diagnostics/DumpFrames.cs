using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol.Diagnostics;

namespace Keywright.Protocol.Opening.Diagnostics;

/// <summary>
/// Reads a dump frame by frame, one in memory at a time, and sees to their order (docs/spec/diagnostics.md
/// §1).
/// </summary>
internal sealed class DumpFrames(Stream dump)
{
    private readonly byte[] buffer = new byte[DumpFrame.MaxContentSize];
    private int length;
    private int segments;
    private byte? last;

    /// <summary>The kind of the frame read last; null when there was none.</summary>
    public byte? Current { get; private set; }

    /// <summary>True when the stream is over, between two frames or within one.</summary>
    public bool Ended { get; private set; }

    /// <summary>Not null once something came that is not a frame, or not here.</summary>
    public Refusal? Fault { get; private set; }

    /// <summary>Reads the next frame; its kind, or null when there is none.</summary>
    public byte? Advance()
    {
        Span<byte> head = stackalloc byte[DumpFrame.HeadSize];
        var got = dump.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        Current = null;
        length = 0;
        if (got > 0 && last == DumpFrame.End)
        {
            return Refuse("nothing follows the end");
        }

        if (got < head.Length)
        {
            Ended = true;
            return null;
        }

        if (!MayFollow(head[0]))
        {
            return Refuse($"a frame of kind {head[0]} has no place here");
        }

        var announced = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        if (announced is 0 or > DumpFrame.MaxContentSize)
        {
            return Refuse($"a frame of {announced} bytes");
        }

        length = (int)announced;
        Ended = dump.ReadAtLeast(buffer.AsSpan(0, length), length, throwOnEndOfStream: false) < length;
        segments += head[0] == DumpFrame.Segment ? 1 : 0;
        return Current = Ended ? null : last = head[0];
    }

    /// <summary>The content of the frame read last.</summary>
    public byte[] Content() => buffer.AsSpan(0, length).ToArray();

    /// <summary>
    /// The body frames from here on, as one stream; it ends at the first frame of another kind.
    /// </summary>
    public BodyStream Body() => new(this);

    private bool MayFollow(byte kind) => last switch
    {
        null => kind == DumpFrame.Preamble,
        DumpFrame.Preamble => kind == DumpFrame.Segment,
        _ => kind is DumpFrame.Body or DumpFrame.End
            || (kind == DumpFrame.Segment && segments < Dump.MaxSegments),
    };

    private byte? Refuse(string detail)
    {
        Fault = new Refusal(Reason.Malformed, detail);
        return null;
    }

    /// <summary>The contents of consecutive body frames, hashed as they pass.</summary>
    internal sealed class BodyStream(DumpFrames frames) : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private int position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>How many bytes were read.</summary>
        public long Count { get; private set; }

        /// <summary>H of all that was read.</summary>
        public Digest Hash() => new(hash.GetHashAndReset());

        public override int Read(Span<byte> destination)
        {
            while (frames.Current == DumpFrame.Body && position == frames.length)
            {
                frames.Advance();
                position = 0;
            }

            if (frames.Current != DumpFrame.Body)
            {
                return 0;
            }

            var count = Math.Min(destination.Length, frames.length - position);
            frames.buffer.AsSpan(position, count).CopyTo(destination);
            hash.AppendData(destination[..count]);
            position += count;
            Count += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
