using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

public sealed class DumpTests
{
    [Fact]
    [Trait("Req", "D04")]
    [Trait("Req", "D06")]
    public void Each_owner_opens_its_own_segment_and_sees_the_others_sealed()
    {
        var dump = Sample.OfBoth();
        var (a, openedA) = Sample.Open(dump, Sample.OwnerA);
        var (b, openedB) = Sample.Open(dump, Sample.OwnerB);
        Assert.Equal(Sample.ContentA, openedA[0]);
        Assert.Equal(Sample.ContentB, openedB[1]);
        Assert.Equal([40_000L, null], a.OrThrow().Segments.Select(segment => segment.Size));
        Assert.Equal([null, 100L], b.OrThrow().Segments.Select(segment => segment.Size));
        Assert.Equal(DumpTrigger.Crash, a.OrThrow().Signed!.Content.Trigger);
        Assert.Equal("meter", a.OrThrow().Signed!.Content.Segments[0].Program.Name);
    }

    [Fact]
    [Trait("Req", "D04")]
    public void One_segment_key_is_wrapped_for_the_keys_of_several_programs()
    {
        var output = new MemoryStream();
        var sealer = new DumpSealer(Sample.Place, new SeededEntropy(1), bytes => output.Write(bytes));
        sealer.Add(
            Sample.Program("meter"),
            DumpKind.History,
            [Sample.OwnerA.Public, Sample.OwnerB.Public],
            new MemoryStream(Sample.ContentA).Read);
        sealer.End(Sample.Device, DumpTrigger.Data, null, Sample.Identity);
        Assert.Equal(Sample.ContentA, Sample.Open(output.ToArray(), Sample.OwnerA).Contents[0]);
        Assert.Equal(Sample.ContentA, Sample.Open(output.ToArray(), Sample.OwnerB).Contents[0]);
    }

    [Fact]
    [Trait("Req", "D06")]
    public void A_stranger_is_refused_by_that_name()
    {
        using var stranger = HpkePrivateKey.Generate(new SeededEntropy(5));
        Assert.Equal(Reason.NotTheRecipient, Sample.Why(Sample.OfBoth(), stranger));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void An_old_dump_opens_with_the_old_key_beside_the_new_one()
    {
        using var newer = HpkePrivateKey.Generate(new SeededEntropy(6));
        var (verdict, opened) = Sample.Open(Sample.OfBoth(), newer, Sample.OwnerA);
        Assert.NotNull(verdict.OrThrow().Signed);
        Assert.Equal(Sample.ContentA, opened[0]);
    }

    [Fact]
    public void A_source_that_gives_a_byte_at_a_time_is_sealed_to_its_end()
    {
        var content = new MemoryStream(Sample.ContentA);
        var output = new MemoryStream();
        var sealer = new DumpSealer(Sample.Place, new SeededEntropy(1), bytes => output.Write(bytes));
        var size = sealer.Add(
            Sample.Program("meter"),
            DumpKind.ElfCore,
            [Sample.OwnerA.Public],
            destination => content.Read(destination[..Math.Min(destination.Length, 7)]));
        sealer.End(Sample.Device, DumpTrigger.Crash, null, Sample.Identity);
        Assert.Equal(Sample.ContentA.Length, size);
        Assert.Equal(Sample.ContentA, Sample.Open(output.ToArray(), Sample.OwnerA).Contents[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024 - 1)]
    [InlineData(16 * 1024)]
    [InlineData(32 * 1024)]
    public void Contents_of_every_size_around_a_chunk_come_back(int size)
    {
        var output = new MemoryStream();
        var sealer = new DumpSealer(Sample.Place, new SeededEntropy(1), bytes => output.Write(bytes));
        var content = Sample.Content(size);
        var source = new MemoryStream(content);
        sealer.Add(Sample.Program("meter"), DumpKind.ElfCore, [Sample.OwnerA.Public], source.Read);
        sealer.End(Sample.Device, DumpTrigger.Crash, null, Sample.Identity);
        var (verdict, opened) = Sample.Open(output.ToArray(), Sample.OwnerA);
        Assert.Equal(content, opened[0]);
        Assert.Equal(size, verdict.OrThrow().Signed!.Content.Segments[0].Sealed.Size);
    }

    [Fact]
    public void How_a_body_is_cut_into_frames_means_nothing()
    {
        var frames = Sample.Frames(Sample.OfB());
        var body = Sample.Join(frames.Where(frame => frame[0] == DumpFrame.Body).Select(frame => frame[5..]));
        var crumbs = body.Select(each => Sample.Frame(DumpFrame.Body, each));
        var (verdict, opened) = Sample.Open(
            Sample.Join([frames[0], frames[1], .. crumbs, frames[^1]]), Sample.OwnerB);
        Assert.NotNull(verdict.OrThrow().Signed);
        Assert.Equal(Sample.ContentB, opened[0]);
    }
}
