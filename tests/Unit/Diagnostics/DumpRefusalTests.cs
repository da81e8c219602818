using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

public sealed class DumpRefusalTests
{
    private static readonly HpkePrivateKey OwnerB = Sample.OwnerB;

    [Fact]
    public void Whatever_is_cut_off_leaves_a_true_beginning_that_is_called_unfinished()
    {
        var dump = Sample.OfBoth();
        var (beginnings, nothings) = (0, 0);
        for (var length = 0; length < dump.Length; length += 97)
        {
            var (verdict, opened) = Sample.Open(dump[..length], Sample.OwnerA);
            if (verdict.Refused(out var cut, out var why))
            {
                Assert.Equal(length == 0 ? Reason.Malformed : Reason.UnfinishedDump, why.Reason);
                nothings++;
                continue;
            }

            Assert.Null(cut.Signed);
            Assert.Equal(opened[0].Length, cut.Segments[0].Size);
            Assert.Equal(Sample.ContentA[..opened[0].Length], opened[0]);
            beginnings++;
        }

        Assert.InRange(beginnings, 400, 450);
        Assert.InRange(nothings, 2, 10);
    }

    [Fact]
    public void A_dump_that_breaks_off_before_ones_own_segment_is_not_called_somebody_elses()
    {
        var frames = Sample.Frames(Sample.OfBoth());
        var second = frames.FindLastIndex(frame => frame[0] == DumpFrame.Segment);
        Assert.Equal(Reason.UnfinishedDump, Sample.Why(Sample.Join(frames[..second]), OwnerB));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void Parts_of_two_dumps_do_not_mix()
    {
        var one = Sample.Frames(Sample.OfB());
        var other = Sample.Frames(Sample.OfB(Sample.Place with { Number = 1 }));
        Assert.Equal(Reason.WrongDump, Sample.Why(Sample.Join([.. one[..^1], other[^1]]), OwnerB));
        Assert.Equal(Reason.BadSeal, Sample.Why(Sample.Join([one[0], .. other[1..]]), OwnerB));
        Assert.Equal(Reason.BadSeal, Sample.Why(Sample.Join([one[0], one[1], .. other[2..]]), OwnerB));
        Assert.Equal(Reason.Malformed, Sample.Why(Sample.Join([.. one, .. other]), OwnerB));
    }

    [Fact]
    public void A_segment_that_was_taken_out_is_missed()
    {
        var frames = Sample.Frames(Sample.OfBoth());
        var second = frames.FindLastIndex(frame => frame[0] == DumpFrame.Segment);
        var withoutFirst = Sample.Join([frames[0], .. frames[second..]]);
        var withoutSecond = Sample.Join([.. frames[..second], frames[^1]]);
        Assert.Equal(Reason.WrongDump, Sample.Why(withoutFirst, Sample.OwnerA));
        Assert.Equal(Reason.WrongDump, Sample.Why(withoutSecond, Sample.OwnerA));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void A_dump_of_another_chip_is_refused_whoever_signed_it()
    {
        using var other = SigningKey.Generate(new SeededEntropy(8));
        var place = Sample.Place with { Chip = ChipId.FromRandom(new byte[16]) };
        Assert.Equal(Reason.BadSignature, Sample.Why(Sample.OfB(signer: other), OwnerB));
        Assert.Equal(Reason.WrongChip, Sample.Why(Sample.OfB(place), OwnerB));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void A_chip_that_calls_itself_by_another_device_identity_is_refused()
    {
        var another = DeviceId.Parse("8899aabbccddeeff").OrThrow();
        Assert.Equal(Reason.WrongIdentity, Sample.Why(Sample.OfB(device: another), OwnerB));
    }

    public static readonly TheoryData<string, int[]> Orders = new()
    {
        { "no preamble", [1, 2, 3, 4] },
        { "two preambles", [0, 0, 1, 2, 3, 4] },
        { "a body before any segment", [0, 2, 3, 4] },
        { "no segment at all", [0, 4] },
        { "a preamble within", [0, 1, 2, 0, 3, 4] },
        { "two ends", [0, 1, 2, 3, 4, 4] },
        { "a body behind the end", [0, 1, 2, 3, 4, 3] },
        { "a ninth segment", [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4] },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Frames_in_another_order_are_malformed_for_every_reader(string name, int[] order)
    {
        using var stranger = HpkePrivateKey.Generate(new SeededEntropy(5));
        var frames = Sample.Frames(Sample.OfB());
        Assert.Equal(5, frames.Count);
        var dump = Sample.Join(order.Select(index => frames[index]));
        Assert.True(Sample.Why(dump, stranger) == Reason.Malformed, name);
        if (name != "a ninth segment")
        {
            Assert.True(Sample.Why(dump, OwnerB) == Reason.Malformed, name);
        }
    }

    [Fact]
    public void A_frame_of_no_kind_or_no_size_is_malformed_also_within_a_body()
    {
        var frames = Sample.Frames(Sample.OfB());
        byte[][] foreign =
        [
            Sample.Frame(4, 1),
            [DumpFrame.Body, 0, 0, 0, 0],
            [DumpFrame.Body, 0, 1, 0, 1],
            [9],
        ];
        foreach (var frame in foreign)
        {
            var within = Sample.Join([.. frames[..3], frame, .. frames[3..]]);
            Assert.Equal(Reason.Malformed, Sample.Why(within, OwnerB));
            Assert.Equal(Reason.Malformed, Sample.Why(Sample.Join([.. frames, frame]), OwnerB));
        }
    }

    [Fact]
    public void An_end_that_says_nothing_is_not_signed()
    {
        var sealer = new DumpSealer(Sample.Place, new SeededEntropy(1), _ => { });
        Assert.Throws<ArgumentOutOfRangeException>(
            () => sealer.End(Sample.Device, DumpTrigger.Crash, null, Sample.Identity));
    }

    [Fact]
    public void A_preamble_or_segment_of_another_version_is_refused()
    {
        var frames = Sample.Frames(Sample.OfB());
        foreach (var index in new[] { 0, 1 })
        {
            var changed = (byte[])frames[index].Clone();
            changed[5 + 2] = 2;
            var dump = frames.Select((frame, i) => i == index ? changed : frame);
            Assert.Equal(Reason.WrongVersion, Sample.Why(Sample.Join(dump), OwnerB));
        }
    }
}
