using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

public sealed class DumpLimitTests
{
    private static readonly byte[] Content = Sample.Content(70_000);

    [Fact]
    public void A_frame_of_exactly_the_limit_is_read_and_one_byte_more_is_malformed()
    {
        var (verdict, opened) = Sample.Open(Recut(DumpFrame.MaxContentSize), Sample.OwnerA);
        Assert.NotNull(verdict.OrThrow().Signed);
        Assert.Equal(Content, opened[0]);
        Assert.Equal(Reason.Malformed, Sample.Why(Recut(DumpFrame.MaxContentSize + 1), Sample.OwnerA));
    }

    [Theory]
    [InlineData(0, Reason.Malformed)]
    [InlineData(16, Reason.Malformed)]
    [InlineData(31, Reason.Malformed)]
    [InlineData(33, Reason.TooLarge)]
    public void A_segment_key_of_another_length_is_refused(int size, Reason expected)
    {
        var envelope = Envelope(new byte[size], Sample.Program("meter").Hash);
        Assert.Equal(expected, Sample.Why(WithSegment(envelope), Sample.OwnerA));
    }

    [Fact]
    public void A_key_sealed_for_another_program_is_refused_by_its_recipient_whatever_other_keys_he_has()
    {
        using var another = HpkePrivateKey.Generate(new SeededEntropy(3));
        var dump = WithSegment(Envelope(new byte[BodyShape.KeySize], Digest.Of("another program"u8)));
        Assert.Equal(Reason.BadSeal, Sample.Why(dump, Sample.OwnerA, another));
        Assert.Equal(Reason.BadSeal, Sample.Why(dump, another, Sample.OwnerA));
    }

    // The same dump with its body cut into frames of another size.
    private static byte[] Recut(int size)
    {
        var output = new MemoryStream();
        var sealer = new DumpSealer(Sample.Place, new SeededEntropy(1), bytes => output.Write(bytes));
        sealer.Add(
            Sample.Program("meter"), DumpKind.Trace, [Sample.OwnerA.Public], new MemoryStream(Content).Read);
        sealer.End(Sample.Device, DumpTrigger.Crash, null, Sample.Identity);
        var frames = Sample.Frames(output.ToArray());
        var body = Sample.Join(frames[2..^1].Select(frame => frame[DumpFrame.HeadSize..]));
        var recut = body.Chunk(size).Select(part => Sample.Frame(DumpFrame.Body, part));
        return Sample.Join([frames[0], frames[1], .. recut, frames[^1]]);
    }

    private static byte[] Envelope(byte[] key, Digest program) => HpkeSealer.Seal(
        key, Sample.Place.KeyContext(0, program), [Sample.OwnerA.Public], new SeededEntropy(2));

    private static byte[] WithSegment(byte[] envelope)
    {
        var program = Sample.Program("meter");
        var head = new SegmentHead(program.Owner, program.Hash, envelope);
        return Sample.Join(
            Sample.Frame(DumpFrame.Preamble, DumpFrame.WritePreamble(Sample.Place)),
            Sample.Frame(DumpFrame.Segment, DumpFrame.WriteSegment(head)),
            Sample.Frame(DumpFrame.Body, new byte[BodyShape.HeaderSize + BodyShape.TagSize]));
    }
}
