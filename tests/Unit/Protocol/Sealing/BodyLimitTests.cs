using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.UnitTests.Protocol.Sealing;

public sealed class BodyLimitTests
{
    private const long Limit = BodyShape.MaxChunks * BodyShape.ChunkSize;
    private static readonly byte[] Key = new byte[BodyShape.KeySize];
    private static readonly byte[] Salt = new byte[BodyShape.SaltSize];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(BodyShape.ChunkSize - 1, 1)]
    [InlineData(BodyShape.ChunkSize, 2)]
    [InlineData(Limit - 1, BodyShape.MaxChunks)]
    public void A_message_has_a_chunk_more_than_it_fills(long size, long chunks)
    {
        Assert.Equal(chunks, BodyShape.ChunksOf(size));
        Assert.Equal(size, BodyShape.PlainSizeOf(BodyShape.SealedSizeOf(size)).OrThrow());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Limit)]
    public void The_chunks_of_a_message_that_cannot_be_are_a_bug(long size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BodyShape.ChunksOf(size));

    [Fact]
    public void A_body_of_a_chunk_too_many_is_refused()
    {
        var size = BodyShape.OffsetOf(BodyShape.MaxChunks) + BodyShape.TagSize;
        Assert.Equal(Reason.BadSeal, Why(BodyShape.PlainSizeOf(size)));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(BodyShape.MaxChunks, 0)]
    [InlineData(0, BodyShape.ChunkSize + 1)]
    public void Sealing_a_chunk_that_cannot_be_is_a_bug(long index, int size)
    {
        using var sealer = new BodySealer(Key, Salt, []);
        var output = new byte[BodyShape.SealedChunkSize + 1];
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.SealChunk(index, new byte[size], output));
    }

    [Fact]
    public void The_last_chunk_that_can_be_opens_and_the_next_is_refused_though_it_authenticates()
    {
        using var cipher = new BodyCipher(Key, Salt, []);
        using var opener = BodyOpener.Begin(Key, [], [.. Salt, .. cipher.Commitment]).OrThrow();
        var chunk = new byte[BodyShape.TagSize];
        cipher.Seal(BodyShape.MaxChunks - 1, [], chunk);
        Assert.Equal(0, opener.OpenChunk(BodyShape.MaxChunks - 1, chunk, []).OrThrow());
        cipher.Seal(BodyShape.MaxChunks, [], chunk);
        Assert.Equal(Reason.BadSeal, Why(opener.OpenChunk(BodyShape.MaxChunks, chunk, [])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(BodyShape.SaltSize - 1)]
    [InlineData(BodyShape.SaltSize + 1)]
    public void A_salt_of_another_length_is_a_bug(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BodySealer(Key, new byte[size], []));

    [Theory]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_of_another_length_is_a_bug_whatever_the_body(int size)
    {
        Assert.ThrowsAny<ArgumentException>(() => new BodySealer(new byte[size], Salt, []));
        Assert.ThrowsAny<ArgumentException>(() => BodyOpener.Begin(new byte[size], [], []));
        Assert.ThrowsAny<ArgumentException>(
            () => BodyOpener.Begin(new byte[size], [], new byte[BodyShape.HeaderSize]));
    }

    [Fact]
    public void A_disposed_sealer_seals_and_a_disposed_opener_opens_no_more()
    {
        var sealer = new BodySealer(Key, Salt, []);
        var header = new byte[BodyShape.HeaderSize];
        var chunk = new byte[BodyShape.TagSize];
        sealer.WriteHeader(header);
        sealer.SealChunk(0, [], chunk);
        var opener = BodyOpener.Begin(Key, [], header).OrThrow();
        opener.OpenChunk(0, chunk, []).OrThrow();
        sealer.Dispose();
        opener.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sealer.SealChunk(0, [], chunk));
        Assert.Throws<ObjectDisposedException>(() => opener.OpenChunk(0, chunk, []));
    }

    private static Reason? Why<T>(Outcome<T> outcome)
        where T : notnull => outcome.Refused(out _, out var why) ? why.Reason : null;
}
