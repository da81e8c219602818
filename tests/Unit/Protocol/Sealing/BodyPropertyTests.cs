using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.UnitTests.Protocol.Sealing;

public sealed class BodyPropertyTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static readonly Gen<int> Size = Gen.OneOf(
        Gen.Elements(0, 1, 16383, 16384, 16385, 32767, 32768, 32769, 65536), Gen.Choose(0, 100_000));

    [Fact]
    public void A_message_of_any_size_and_salt_in_any_pieces_opens_again() => Prop.ForAll(
        Size.ToArbitrary(),
        Gen.Choose(1, 20_000).ToArbitrary(),
        Gen.Choose(0, 255).ToArbitrary(),
        (size, piece, seed) =>
        {
            var message = Message(size, seed);
            var body = Seal(message, seed, piece);
            using var output = new MemoryStream();
            var opened = BodyOpener.Open(Key, [(byte)seed], new InPieces(body, piece), output).OrThrow();
            return opened == size && body.Length == BodyShape.SealedSizeOf(size)
                && output.ToArray().AsSpan().SequenceEqual(message);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_derived_salt_gives_the_same_body_and_a_drawn_one_another() => Prop.ForAll(
        Size.ToArbitrary(),
        Gen.Choose(0, 254).ToArbitrary(),
        (size, seed) =>
        {
            var message = Message(size, seed);
            var body = Seal(message, salt: 1);
            return body.AsSpan().SequenceEqual(Seal(message, salt: 1))
                && !body.AsSpan(BodyShape.SaltSize).SequenceEqual(Seal(message, salt: 2).AsSpan(BodyShape.SaltSize));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_range_opens_from_the_chunks_that_hold_it_alone() => Prop.ForAll(
        Size.ToArbitrary(),
        Gen.Choose(0, 100_000).ToArbitrary(),
        Gen.Choose(0, 50_000).ToArbitrary(),
        (size, offset, length) =>
        {
            offset = Math.Min(offset, size);
            var message = Message(size, 1);
            var body = new InPieces(Seal(message, salt: 1), 100_000);
            using var opener = Begin(body);
            body.Taken = 0;
            var output = new byte[length];
            var opened = opener.OpenRange(body, offset, output).OrThrow();
            var last = (offset + length - 1) / BodyShape.ChunkSize;
            var chunks = length == 0 ? 0 : last - (offset / BodyShape.ChunkSize) + 1;
            return opened == Math.Min(length, size - offset)
                && output.AsSpan(0, opened).SequenceEqual(message.AsSpan(offset, opened))
                && body.Taken <= chunks * BodyShape.SealedChunkSize;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_range_is_refused_when_and_only_when_a_chunk_of_it_was_changed() => Prop.ForAll(
        Gen.Choose(0, (4 * BodyShape.SealedChunkSize) - 1).ToArbitrary(),
        Gen.Choose(0, 4 * BodyShape.ChunkSize).ToArbitrary(),
        Gen.Choose(1, 30_000).ToArbitrary(),
        (changed, offset, length) =>
        {
            var bytes = Seal(Message(5 * BodyShape.ChunkSize, 1), salt: 1);
            bytes[BodyShape.HeaderSize + changed] ^= 1;
            var body = new MemoryStream(bytes);
            using var opener = Begin(body);
            var refused = opener.OpenRange(body, offset, new byte[length]).Refused(out _, out var why);
            var at = changed / BodyShape.SealedChunkSize;
            var touched = at >= offset / BodyShape.ChunkSize && at <= (offset + length - 1) / BodyShape.ChunkSize;
            return refused == touched && why?.Reason == (touched ? Reason.BadSeal : null);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Behind_the_last_chunk_there_is_no_range()
    {
        var body = new MemoryStream(Seal(Message(100, 1), salt: 1));
        using var opener = Begin(body);

        Assert.Equal(0, opener.OpenRange(body, 100, new byte[10]).OrThrow());
        Assert.True(opener.OpenRange(body, BodyShape.ChunkSize, new byte[10]).Refused(out _, out var why));
        Assert.Equal(Reason.BadSeal, why.Reason);
        Assert.ThrowsAny<ArgumentException>(() => opener.OpenRange(body, -1, new byte[10]));
    }

    [Fact]
    public void A_long_body_takes_no_more_memory_than_a_short_one()
    {
        const long size = 32L << 20;
        using var body = new MemoryStream(new byte[BodyShape.SealedSizeOf(size)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        BodySealer.Seal(Key, new byte[BodyShape.SaltSize], [], new Zeros(size), body);
        body.Position = 0;
        Assert.Equal(size, BodyOpener.Open(Key, [], body, Stream.Null).OrThrow());

        // Four buffers of a chunk; the platform's cipher allocates some 64 bytes a chunk by itself.
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 4 * BodyShape.ChunkSize, 1 << 20);
    }

    private static BodyOpener Begin(Stream body)
    {
        var header = new byte[BodyShape.HeaderSize];
        body.ReadExactly(header);
        return BodyOpener.Begin(Key, [1], header).OrThrow();
    }

    private static byte[] Seal(byte[] message, int salt, int piece = 100_000)
    {
        using var body = new MemoryStream();
        byte[] salted = [.. Enumerable.Repeat((byte)salt, BodyShape.SaltSize)];
        BodySealer.Seal(Key, salted, [(byte)salt], new InPieces(message, piece), body);
        return body.ToArray();
    }

    private static byte[] Message(int size, int seed) =>
        [.. Enumerable.Range(0, size).Select(i => (byte)((i * 7) + (i >> 8) + seed))];

    /// <summary>Gives at most so many bytes a read, and counts them.</summary>
    private sealed class InPieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public int Taken { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var read = base.Read(buffer[..Math.Min(buffer.Length, piece)]);
            Taken += read;
            return read;
        }
    }

    /// <summary>So many zeros.</summary>
    private sealed class Zeros(long size) : Stream
    {
        private long rest = size;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var read = (int)Math.Min(buffer.Length, rest);
            buffer[..read].Clear();
            rest -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
