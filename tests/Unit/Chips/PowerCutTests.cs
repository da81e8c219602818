using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Chips;

public class PowerCutTests
{
    private static readonly byte[] Word = [.. Enumerable.Range(0, 16).Select(i => (byte)(i * 17))];

    [Fact]
    public void After_the_cut_no_write_happens_until_power_is_back_and_then_a_second_cut_can_come()
    {
        var chip = TestChips.Make();
        var power = new PowerCut(chip, 1);
        power.Arm(1, CutKind.Before);
        power.ProgramWord(0, Word);
        Assert.Throws<PowerLostException>(() => power.ProgramWord(16, Word));
        Assert.Throws<PowerLostException>(() => power.Apply(MonotonicUpdate.Issued(1)));
        Assert.Throws<PowerLostException>(() => power.ErasePage(0));
        Assert.Equal(2, power.Writes.Count);
        Assert.Equal(Word, Read(chip, 0));
        Assert.DoesNotContain(Read(chip, 16), b => b != 0xFF);

        power.Restore();
        power.Arm(0, CutKind.Before);
        Assert.Throws<PowerLostException>(() => power.Apply(MonotonicUpdate.Issued(1)));
        Assert.Equal(0ul, chip.Monotonic.State.StoreIssued);
    }

    [Fact]
    public void A_torn_word_has_only_bits_that_were_on_their_way()
    {
        var torn = 0;
        for (var seed = 0ul; seed < 20; seed++)
        {
            var chip = TestChips.Make();
            var power = new PowerCut(chip, seed);
            power.Arm(0, CutKind.TornWord);
            Assert.Throws<PowerLostException>(() => power.ProgramWord(0, Word));
            var left = Read(chip, 0);
            Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(Word[i], left[i] & Word[i]));
            torn += left.SequenceEqual(Word) ? 0 : 1;
        }

        Assert.True(torn > 0);
    }

    [Theory]
    [InlineData(CutKind.TornPage)]
    [InlineData(CutKind.HalfErased)]
    public void A_page_that_is_hit_is_a_mixture_and_its_neighbours_are_whole(CutKind kind)
    {
        var chip = TestChips.Make();
        for (var address = 0; address < 3 * 4096; address += 16)
        {
            if (address / 4096 != 1 || address < 6000)
            {
                chip.Flash.ProgramWord(address, Word);
            }
        }

        var power = new PowerCut(chip, 4);
        power.Arm(0, kind);
        Assert.Throws<PowerLostException>(() =>
        {
            if (kind == CutKind.TornPage)
            {
                power.ProgramWord(6000, Word);
            }
            else
            {
                power.ErasePage(1);
            }
        });

        var page = Enumerable.Range(0, 256).Select(i => Read(chip, 4096 + (i * 16))).ToList();
        Assert.Contains(page, word => word.SequenceEqual(Word));
        Assert.Contains(page, word => word.All(b => b == 0xFF));
        Assert.Contains(page, word => !word.SequenceEqual(Word) && word.Any(b => b != 0xFF));
        Assert.Equal(Word, Read(chip, 4080));
        Assert.Equal(Word, Read(chip, 8192));
    }

    [Fact]
    public void A_sweep_names_the_cut_that_leaves_a_chip_between_two_states()
    {
        var fault = Assert.Throws<PowerCutException>(() => PowerCutSweep.Run(TestChips.Make(), 5, power =>
        {
            using var chip = ChipState.Boot(power);
            chip.Raise(MonotonicUpdate.Recovered(1));
            chip.Raise(MonotonicUpdate.Challenged(1));
        }));

        Assert.Equal("Seed 5, cut at write 2 (fuse Challenges), Before: between two states", fault.Message);
    }

    private static byte[] Read(SoftChip chip, int address)
    {
        var bytes = new byte[16];
        chip.Flash.Read(address, bytes);
        return bytes;
    }
}
