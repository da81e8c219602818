using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Chips;

public sealed class SoftChipTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("keywright-chip-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_chip_in_a_folder_keeps_everything_when_it_is_closed()
    {
        Fabricate();
        Digest fingerprint;
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        using (var chip = ChipState.Boot(silicon))
        {
            Commit(chip, 20_000);
            fingerprint = PowerCutSweep.Fingerprint(chip);
        }

        using var reopened = SoftChip.Open(folder, new SeededNoise(2));
        using var again = ChipState.Boot(reopened);

        Assert.Equal(fingerprint, PowerCutSweep.Fingerprint(again));
        Assert.Equal(2ul, again.Monotonic.Boots);
        Assert.Equal(Lifecycle.Provisioned, again.Monotonic.Lifecycle);
    }

    [Fact]
    public void Its_files_are_for_the_owner_alone_and_for_one_process_at_a_time()
    {
        Fabricate();
        using var silicon = SoftChip.Open(folder, new SeededNoise(1));

        Assert.Throws<IOException>(() => SoftChip.Open(folder, new SeededNoise(1)));
        Assert.Throws<IOException>(Fabricate);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in new[] { "silicon", "flash" })
            {
                var mode = File.GetUnixFileMode(Path.Combine(folder, file));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
            }
        }
    }

    [Fact]
    public void A_folder_without_a_chip_and_damaged_silicon_are_faults()
    {
        Assert.Throws<IOException>(() => SoftChip.Open(folder, new SeededNoise(1)));
        Fabricate();
        var path = Path.Combine(folder, "silicon");
        var bytes = File.ReadAllBytes(path);
        bytes[40] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Throws<IOException>(() => SoftChip.Open(folder, new SeededNoise(1)));
    }

    [Fact]
    public void A_register_update_torn_at_any_byte_has_not_happened_and_the_next_one_does()
    {
        Fabricate();
        var path = Path.Combine(folder, "silicon");
        var before = new FileInfo(path).Length;
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            silicon.Monotonic.Apply(MonotonicUpdate.Issued(5));
        }

        var whole = File.ReadAllBytes(path);
        for (var length = before; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole.AsSpan(0, (int)length));
            using (var torn = SoftChip.Open(folder, new SeededNoise(1)))
            {
                Assert.Equal(0ul, torn.Monotonic.State.StoreIssued);
                torn.Monotonic.Apply(MonotonicUpdate.Recovered(3));
            }

            using var next = SoftChip.Open(folder, new SeededNoise(1));
            Assert.Equal(3ul, next.Monotonic.State.Recoveries);
        }
    }

    [Fact]
    public void A_long_log_of_registers_is_written_anew_and_stays_true()
    {
        Fabricate();
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            for (var i = 1ul; i <= 600; i++)
            {
                silicon.Monotonic.Apply(MonotonicUpdate.Challenged(i));
            }
        }

        Assert.InRange(new FileInfo(Path.Combine(folder, "silicon")).Length, 1, 17 * 1024);
        using var again = SoftChip.Open(folder, new SeededNoise(1));
        Assert.Equal(600ul, again.Monotonic.State.Challenges);
    }

    [Fact]
    public void A_deleted_flash_file_is_an_erased_flash()
    {
        Fabricate();
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        using (var chip = ChipState.Boot(silicon))
        {
            Commit(chip, 100);
        }

        File.Delete(Path.Combine(folder, "flash"));
        using var wiped = SoftChip.Open(folder, new SeededNoise(1));
        using var again = ChipState.Boot(wiped);

        Assert.Empty(again.Journal.Names);
        Assert.Equal(Lifecycle.Provisioned, again.Monotonic.Lifecycle);
    }

    [Fact]
    public void Folder_and_memory_read_the_same_after_any_writes()
    {
        Fabricate();
        var memory = new MemoryFlash(64, 4096);
        var dice = new SeededNoise(3);
        var word = new byte[IFlash.WordSize];
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            for (var i = 0; i < 200; i++)
            {
                var page = dice.Next(64);
                foreach (var flash in new[] { silicon.Flash, memory })
                {
                    flash.ErasePage(page);
                }

                for (var offset = dice.Next(200) * 16; offset < 4096; offset += 16 * (1 + dice.Next(40)))
                {
                    dice.Fill(word);
                    silicon.Flash.ProgramWord((page * 4096) + offset, word);
                    memory.ProgramWord((page * 4096) + offset, word);
                }
            }
        }

        using var reopened = SoftChip.Open(folder, new SeededNoise(1));
        Assert.Equal(Image(memory), Image(reopened.Flash));
    }

    [Fact]
    public void Programming_a_word_that_is_not_erased_is_a_bug()
    {
        var flash = TestChips.Make().Flash;
        flash.ProgramWord(32, new byte[16]);

        Assert.Throws<InvalidOperationException>(() => flash.ProgramWord(32, new byte[16]));
        flash.ErasePage(0);
        flash.ProgramWord(32, new byte[16]);
    }

    [Fact]
    public void A_snapshot_and_its_origin_go_on_by_themselves()
    {
        var origin = TestChips.Make();
        var copy = origin.Snapshot();
        using (var chip = ChipState.Boot(origin))
        {
            Commit(chip, 5000);
        }

        using var untouched = ChipState.Boot(copy);
        Assert.Empty(untouched.Journal.Names);
        Assert.Equal(Lifecycle.Blank, untouched.Monotonic.Lifecycle);
    }

    private void Fabricate() =>
        SoftChip.FabricateIn(
            folder, TestChips.Immutable(), new SeededNoise(4), new byte[32], new FlashGeometry(64, 4096));

    private static void Commit(ChipState chip, int size)
    {
        using var transaction = chip.Journal.Begin();
        Assert.Null(transaction.Create("object", size));
        transaction.Append(new byte[size]);
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
        transaction.Commit();
    }

    private static byte[] Image(IFlash flash)
    {
        var image = new byte[flash.PageCount * flash.PageSize];
        flash.Read(0, image);
        return image;
    }
}
