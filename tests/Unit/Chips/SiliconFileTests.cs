using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Chips;

/// <summary>Faults of the disk under a chip in a folder: no acknowledged register goes backward.</summary>
public sealed class SiliconFileTests : IDisposable
{
    private const ulong Many = 1200;

    private readonly string folder = Directory.CreateTempSubdirectory("keywright-silicon-").FullName;

    private string Log => Path.Combine(folder, "silicon");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_log_that_cannot_be_written_anew_goes_on_and_is_written_anew_when_it_can()
    {
        Fabricate();
        Directory.CreateDirectory(Log + ".new");
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            Issue(silicon.Monotonic, 1, Many);
        }

        Assert.InRange(new FileInfo(Log).Length, 17 * 1024, long.MaxValue);
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            Assert.Equal(Many, silicon.Monotonic.State.StoreIssued);
            Directory.Delete(Log + ".new");
            Issue(silicon.Monotonic, Many + 1, 2 * Many);
        }

        Assert.InRange(new FileInfo(Log).Length, 1, 17 * 1024);
        AssertIssued(2 * Many);
    }

    [Fact]
    public void A_new_log_that_ends_in_the_middle_is_dropped_and_the_old_one_goes_on()
    {
        Fabricate();
        var faults = 0;
        PrivateFile OnFullDisk(string path)
        {
            faults++;
            return new FullDisk(path);
        }

        using (var silicon = SiliconFile.Open(folder, OnFullDisk))
        {
            Issue(silicon, 1, Many);
        }

        Assert.InRange(faults, 1, 10);
        Assert.False(File.Exists(Log + ".new"));
        AssertIssued(Many);
    }

    [Fact]
    public void A_new_log_left_by_a_crash_is_dropped_for_it_holds_the_chips_secrets()
    {
        Fabricate();
        File.Copy(Log, Log + ".new");

        SoftChip.Open(folder, new SeededNoise(1)).Dispose();

        Assert.False(File.Exists(Log + ".new"));
    }

    [Fact]
    public void A_rotten_byte_anywhere_but_in_the_last_entry_is_damage_and_nothing_is_cut_off()
    {
        Fabricate();
        var first = new FileInfo(Log).Length;
        var last = first;
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            for (var i = 1ul; i <= 12; i++)
            {
                last = new FileInfo(Log).Length;
                silicon.Monotonic.Apply(MonotonicUpdate.Issued(i));
            }
        }

        var whole = File.ReadAllBytes(Log);
        for (var place = first - 40; place < last; place++)
        {
            var rotten = whole.ToArray();
            rotten[place] ^= 1;
            File.WriteAllBytes(Log, rotten);
            var fault = Assert.Throws<IOException>(() => SoftChip.Open(folder, new SeededNoise(1)));
            Assert.Contains("damaged", fault.Message, StringComparison.Ordinal);
            Assert.Equal(whole.Length, new FileInfo(Log).Length);
        }
    }

    /// <summary>What a file system leaves that had made the file longer and not yet written it.</summary>
    [Fact]
    public void A_last_entry_of_zeros_is_torn()
    {
        Fabricate();
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            silicon.Monotonic.Apply(MonotonicUpdate.Issued(1));
        }

        var whole = File.ReadAllBytes(Log);
        File.WriteAllBytes(Log, [.. whole, .. new byte[50]]);

        AssertIssued(1);
        Assert.Equal(whole, File.ReadAllBytes(Log));
    }

    [Fact]
    public void A_fault_when_opening_the_flash_gives_the_silicon_free_again()
    {
        Fabricate();
        var flash = Path.Combine(folder, "flash");
        Directory.CreateDirectory(flash);
        Assert.ThrowsAny<Exception>(() => SoftChip.Open(folder, new SeededNoise(1)));
        Directory.Delete(flash);

        SoftChip.Open(folder, new SeededNoise(1)).Dispose();
    }

    [Fact]
    public void A_run_of_words_is_in_the_file_with_the_page_or_the_next_sync()
    {
        Fabricate();
        var path = Path.Combine(folder, "flash");
        var word = new byte[IFlash.WordSize];
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            silicon.Flash.ProgramWord(4096, word);
            silicon.Flash.ProgramWord(4112, word);
            silicon.Flash.ProgramWord(8192 - 16, word);
            silicon.Flash.Sync();
        }

        var file = File.ReadAllBytes(path);
        Assert.Equal(8192, file.Length);
        Assert.DoesNotContain(file[..4096], b => b != 0xFF);
        Assert.DoesNotContain(file[4096..4128], b => b != 0);
        Assert.DoesNotContain(file[4128..8176], b => b != 0xFF);
        Assert.DoesNotContain(file[8176..], b => b != 0);

        // A file that was cut within a page is one whose rest is erased.
        File.WriteAllBytes(path, file[..5000]);
        using (var silicon = SoftChip.Open(folder, new SeededNoise(1)))
        {
            silicon.Flash.ProgramWord(12_288, word);
        }

        Assert.Equal([.. file[..4128], .. Enumerable.Repeat((byte)0xFF, 8160), 0], File.ReadAllBytes(path)[..12_289]);
    }

    /// <summary>Closing the chip is the fault: after it no write reaches the file.</summary>
    [Fact]
    public void A_word_that_did_not_reach_the_file_is_not_read_back()
    {
        Fabricate();
        var silicon = SoftChip.Open(folder, new SeededNoise(1));
        silicon.Flash.ProgramWord(0, new byte[IFlash.WordSize]);
        silicon.Dispose();

        Assert.ThrowsAny<Exception>(() => silicon.Flash.ProgramWord(4096, new byte[IFlash.WordSize]));

        Assert.ThrowsAny<Exception>(() => silicon.Flash.Read(4096, new byte[IFlash.WordSize]));
        using var again = SoftChip.Open(folder, new SeededNoise(1));
        var word = new byte[IFlash.WordSize];
        again.Flash.Read(4096, word);
        Assert.DoesNotContain(word, b => b != 0xFF);
        again.Flash.Read(0, word);
        Assert.DoesNotContain(word, b => b != 0);
    }

    [Fact]
    public void A_folder_made_for_a_chip_and_a_log_written_anew_are_for_the_owner_alone()
    {
        var own = Path.Combine(folder, "own");
        SoftChip.FabricateIn(own, TestChips.Immutable(), new SeededNoise(4), new byte[32]);
        using (var silicon = SoftChip.Open(own, new SeededNoise(1)))
        {
            Issue(silicon.Monotonic, 1, Many);
        }

        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(own));
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(own, "silicon")));
        }
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(64, 0)]
    [InlineData(64, -256)]
    [InlineData(64, 4000)]
    [InlineData(1 << 20, 4096)]
    public void A_flash_that_cannot_be_is_refused_when_the_chip_is_made(int pages, int pageSize)
    {
        var geometry = new FlashGeometry(pages, pageSize);

        Assert.Throws<ArgumentException>(() => TestChips.Make(geometry: geometry));
        Assert.Throws<ArgumentException>(
            () => SoftChip.FabricateIn(
                folder, TestChips.Immutable(), new SeededNoise(4), new byte[32], geometry));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_durable_is_a_fault()
    {
        FolderSync.Sync(folder);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Throws<IOException>(() => FolderSync.Sync(Path.Combine(folder, "nowhere")));
        }
    }

    private static void Issue(IMonotonic monotonic, ulong from, ulong to)
    {
        for (var i = from; i <= to; i++)
        {
            monotonic.Apply(MonotonicUpdate.Issued(i));
        }
    }

    private void AssertIssued(ulong expected)
    {
        using var silicon = SoftChip.Open(folder, new SeededNoise(1));
        Assert.Equal(expected, silicon.Monotonic.State.StoreIssued);
    }

    private void Fabricate() =>
        SoftChip.FabricateIn(
            folder, TestChips.Immutable(), new SeededNoise(4), new byte[32], new FlashGeometry(64, 4096));

    private sealed class FullDisk(string path) : PrivateFile(path)
    {
        public override void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            base.Write(bytes[..(bytes.Length / 2)], offset);
            throw new IOException("No space left on device.");
        }
    }
}
