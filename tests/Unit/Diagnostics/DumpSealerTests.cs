using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Opening.Diagnostics;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

public sealed class DumpSealerTests
{
    private readonly MemoryStream output = new();
    private readonly DumpSealer sealer;

    public DumpSealerTests() =>
        sealer = new DumpSealer(Sample.Place, new SeededEntropy(1), bytes => output.Write(bytes));

    [Fact]
    [Trait("Req", "D06")]
    public void Every_segment_has_a_key_and_a_salt_of_its_own()
    {
        Add([1, 2, 3]);
        Add([1, 2, 3]);
        var frames = Sample.Frames(output.ToArray());
        List<string> keys = [Convert.ToHexString(new byte[BodyShape.KeySize])];
        List<string> salts = [Convert.ToHexString(new byte[BodyShape.SaltSize])];
        foreach (var at in new[] { 1, 4 })
        {
            var head = DumpFrame.ReadSegment(frames[at].AsSpan(DumpFrame.HeadSize)).OrThrow();
            var context = Sample.Place.KeyContext(keys.Count - 1, head.Program);
            var key = HpkeOpener.Open(head.Envelope.Span, context, Sample.OwnerA, BodyShape.KeySize);
            keys.Add(Convert.ToHexString(key.OrThrow()));
            salts.Add(Convert.ToHexString(frames[at + 1].AsSpan(DumpFrame.HeadSize, BodyShape.SaltSize)));
        }

        Assert.Equal(3, keys.Distinct().Count());
        Assert.Equal(3, salts.Distinct().Count());
    }

    [Fact]
    public void A_dump_takes_8_segments_and_a_ninth_is_a_bug()
    {
        for (var i = 0; i < Dump.MaxSegments; i++)
        {
            Add([1]);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Add([1]));
        End();
        var sinks = Enumerable.Range(0, Dump.MaxSegments).Select(_ => new MemoryStream()).ToArray();
        var dump = DumpOpener.Open(
            new MemoryStream(output.ToArray()), [Sample.OwnerA], Sample.Chip, (i, _) => sinks[i]).OrThrow();
        Assert.Equal(Dump.MaxSegments, dump.Signed!.Content.Segments.Count);
        Assert.All(sinks, sink => Assert.Equal([1], sink.ToArray()));
    }

    [Fact]
    public void A_dump_of_nothing_is_a_bug() => Assert.Throws<ArgumentOutOfRangeException>(() => End());

    [Fact]
    public void Nothing_goes_into_a_dump_after_its_end()
    {
        Add([1]);
        End();
        var length = output.Length;
        Assert.Throws<ObjectDisposedException>(() => Add([1]));
        Assert.Throws<ObjectDisposedException>(() => End());
        Assert.Equal(length, output.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(BodyShape.ChunkSize)]
    [InlineData(40_000)]
    public void A_source_is_asked_until_it_ends_and_never_for_nothing(int size)
    {
        var content = new MemoryStream(Sample.Content(size));
        var askedForNothing = 0;
        var stated = sealer.Add(Sample.Program("meter"), DumpKind.Trace, [Sample.OwnerA.Public], Source);
        Assert.Equal(size, stated);
        Assert.Equal(0, askedForNothing);

        int Source(Span<byte> destination)
        {
            askedForNothing += destination.IsEmpty ? 1 : 0;
            return content.Read(destination);
        }
    }

    private void Add(byte[] content) => sealer.Add(
        Sample.Program("meter"), DumpKind.Trace, [Sample.OwnerA.Public], new MemoryStream(content).Read);

    private Digest End() => sealer.End(Sample.Device, DumpTrigger.Crash, null, Sample.Identity);
}
