using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.UnitTests.Protocol.Sealing;

public sealed class BodyTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] Salt = [.. Enumerable.Range(100, 24).Select(i => (byte)i)];
    private static readonly byte[] Context = Encoding.ASCII.GetBytes("body of a test");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16383)]
    [InlineData(16384)]
    [InlineData(16385)]
    [InlineData(50000)]
    public void What_is_sealed_opens_again(int size)
    {
        var body = Seal(size);
        Assert.Equal(BodyShape.SealedSizeOf(size), body.Length);
        Assert.Equal(size, BodyShape.PlainSizeOf(body.Length).OrThrow());
        using var output = new MemoryStream();
        Assert.Equal(size, BodyOpener.Open(Key, Context, new MemoryStream(body), output).OrThrow());
        Assert.Equal(Message(size), output.ToArray());
    }

    [Fact]
    public void Chunks_open_in_any_order_and_at_their_place_only()
    {
        var body = Seal(50000);
        using var opener = BodyOpener.Begin(Key, Context, body.AsSpan(0, BodyShape.HeaderSize)).OrThrow();
        var output = new byte[BodyShape.ChunkSize];
        foreach (var index in new[] { 3, 1, 0, 2 })
        {
            var chunk = ChunkOf(body, index);
            var size = opener.OpenChunk(index, chunk, output).OrThrow();
            Assert.Equal(Message(50000).AsSpan(index * BodyShape.ChunkSize, size), output.AsSpan(0, size));
            AssertBadSeal(opener.OpenChunk(index + 1, chunk, output));
        }

        AssertBadSeal(opener.OpenChunk(BodyShape.MaxChunks, ChunkOf(body, 0), output));
        AssertBadSeal(opener.OpenChunk(-1, ChunkOf(body, 0), output));
        AssertBadSeal(opener.OpenChunk(0, body.AsSpan(0, BodyShape.SealedChunkSize + 1), output));
        AssertBadSeal(opener.OpenChunk(0, body.AsSpan(0, BodyShape.TagSize - 1), output));
    }

    [Fact]
    public void A_body_resumed_at_a_range_is_the_same_body()
    {
        var body = Seal(50000);
        using var sealer = new BodySealer(Key, Salt, Context);
        var chunk = new byte[BodyShape.SealedChunkSize];
        var third = Message(50000).AsSpan(2 * BodyShape.ChunkSize, BodyShape.ChunkSize);
        var size = sealer.SealChunk(2, third, chunk);
        Assert.Equal(ChunkOf(body, 2), chunk.AsSpan(0, size));
    }

    [Fact]
    public void A_body_cut_short_anywhere_is_refused()
    {
        var body = Seal(40000);
        for (var size = 0; size < body.Length; size += size < 120 ? 1 : 797)
        {
            AssertBadSeal(BodyOpener.Open(Key, Context, new MemoryStream(body, 0, size), Stream.Null));
        }

        AssertBadSeal(BodyOpener.Open(
            Key, Context, new MemoryStream(body, 0, (int)BodyShape.OffsetOf(2)), Stream.Null));
    }

    [Fact]
    public void A_lengthened_or_reordered_body_is_refused()
    {
        var body = Seal(40000);
        AssertBadSeal(BodyOpener.Open(Key, Context, new MemoryStream([.. body, 0]), Stream.Null));
        var header = body.AsSpan(0, BodyShape.HeaderSize);
        byte[] swapped = [.. header, .. ChunkOf(body, 1), .. ChunkOf(body, 0), .. ChunkOf(body, 2)];
        AssertBadSeal(BodyOpener.Open(Key, Context, new MemoryStream(swapped), Stream.Null));
    }

    [Fact]
    public void Every_changed_bit_of_a_body_is_refused()
    {
        var body = Seal(40);
        foreach (var (_, changed) in SingleBits.Of(body))
        {
            AssertBadSeal(BodyOpener.Open(Key, Context, new MemoryStream(changed), Stream.Null));
        }
    }

    [Fact]
    public void Another_key_or_context_is_refused_before_the_first_chunk()
    {
        var header = Seal(10).AsSpan(0, BodyShape.HeaderSize);
        AssertBadSeal(BodyOpener.Begin(new byte[32], Context, header));
        AssertBadSeal(BodyOpener.Begin(Key, [.. Context, 0], header));
        Assert.ThrowsAny<ArgumentException>(() => BodyOpener.Begin(new byte[16], Context, new byte[56]));
        Assert.ThrowsAny<ArgumentException>(() => new BodySealer(new byte[33], Salt, Context));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(55)]
    [InlineData(71)]
    [InlineData(56 + 16400)]
    [InlineData(56 + 16400 + 15)]
    [InlineData(long.MaxValue)]
    public void A_size_that_no_message_gives_is_refused(long sealedSize) =>
        AssertBadSeal(BodyShape.PlainSizeOf(sealedSize));

    private static ReadOnlySpan<byte> ChunkOf(byte[] body, int index)
    {
        var rest = body.AsSpan((int)BodyShape.OffsetOf(index));
        return rest[..Math.Min(rest.Length, BodyShape.SealedChunkSize)];
    }

    private static byte[] Message(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)(i * 7))];

    private static byte[] Seal(int size)
    {
        using var output = new MemoryStream();
        BodySealer.Seal(Key, Salt, Context, new MemoryStream(Message(size)), output);
        return output.ToArray();
    }

    private static void AssertBadSeal<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(Reason.BadSeal, why.Reason);
    }
}
