using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Device.Chip;

public class CommitJournalTests
{
    [Fact]
    public void What_is_committed_is_there_after_the_next_boot()
    {
        var chip = TestChips.Make();
        var content = Bytes(10_000, 7);
        using (var before = ChipState.Boot(chip))
        {
            using var transaction = before.Journal.Begin();
            Assert.Null(transaction.Create("program", content.Length));
            transaction.Append(content.AsSpan(0, 5_001));
            transaction.Append(content.AsSpan(5_001));
            Assert.Null(transaction.Put("receipt", Bytes(77, 8)));
            Assert.Null(transaction.Put("empty", []));
            transaction.Commit();
        }

        using var after = ChipState.Boot(chip);

        Assert.Equal(["empty", "program", "receipt"], after.Journal.Names);
        Assert.Equal(content, after.Journal.ReadAll("program").OrThrow());
        Assert.Equal(Bytes(77, 8), after.Journal.ReadAll("receipt").OrThrow());
        Assert.Empty(after.Journal.ReadAll("empty").OrThrow());
        var middle = new byte[4096];
        Assert.Equal(4096, after.Journal.Read("program", 4000, middle).OrThrow());
        Assert.Equal(content.AsSpan(4000, 4096).ToArray(), middle);
        Assert.Equal(1, after.Journal.Read("program", 9_999, middle).OrThrow());
        Assert.Equal(0, after.Journal.Read("program", 10_000, middle).OrThrow());
    }

    [Fact]
    public void A_transaction_that_is_not_committed_leaves_nothing()
    {
        using var chip = ChipState.Boot(TestChips.Make());
        var fingerprint = PowerCutSweep.Fingerprint(chip);
        var free = chip.Journal.FreeBytes;

        using (var transaction = chip.Journal.Begin())
        {
            Assert.Null(transaction.Create("program", 10_000));
            transaction.Append(Bytes(9_000, 1));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Retired));
        }

        Assert.Equal(fingerprint, PowerCutSweep.Fingerprint(chip));
        Assert.Equal(free, chip.Journal.FreeBytes);
    }

    [Fact]
    public void A_full_flash_is_a_refusal_and_what_was_there_stays()
    {
        var silicon = TestChips.Make();
        using var chip = ChipState.Boot(silicon);
        Commit(chip, "old", Bytes(100_000, 3));
        var fingerprint = PowerCutSweep.Fingerprint(chip);

        using (var transaction = chip.Journal.Begin())
        {
            Assert.Null(transaction.Create("more", chip.Journal.FreeBytes - 4080));
            transaction.Append(Bytes(chip.Journal.FreeBytes - 4080, 4));
            var refusal = transaction.Create("too much", 4081);
            Assert.Equal(Reason.StoreFull, refusal?.Reason);
        }

        Assert.Equal(fingerprint, PowerCutSweep.Fingerprint(chip));
        chip.Dispose();
        using var again = ChipState.Boot(silicon);
        Assert.Equal(fingerprint, PowerCutSweep.Fingerprint(again));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MaxValue - 4078)]
    [InlineData(1 << 30)]
    public void A_size_that_no_flash_has_is_a_full_flash(int size)
    {
        using var chip = ChipState.Boot(TestChips.Make());
        using var transaction = chip.Journal.Begin();

        Assert.Equal(Reason.StoreFull, transaction.Create("a", size)?.Reason);
    }

    [Fact]
    public void Sixty_four_objects_of_the_longest_name_fit_and_too_many_are_refused()
    {
        using var chip = ChipState.Boot(TestChips.Make(geometry: new FlashGeometry(128, 4096)));
        using var transaction = chip.Journal.Begin();
        var count = 0;
        while (transaction.Put($"{count:D48}", [1]) is null)
        {
            count++;
        }

        transaction.Commit();

        Assert.InRange(count, 64, CommitJournal.MaxObjects);
        Assert.Equal(count, chip.Journal.Names.Count);
    }

    [Fact]
    public void Replaced_and_deleted_objects_give_their_pages_back()
    {
        using var chip = ChipState.Boot(TestChips.Make());
        Commit(chip, "a", Bytes(50_000, 1));
        var free = chip.Journal.FreeBytes;

        Commit(chip, "a", Bytes(50_000, 2));
        Assert.Equal(free, chip.Journal.FreeBytes);
        Assert.Equal(Bytes(50_000, 2), chip.Journal.ReadAll("a").OrThrow());

        using var transaction = chip.Journal.Begin();
        transaction.Delete("a");
        transaction.Commit();
        Assert.Empty(chip.Journal.Names);
        Assert.Equal(free + (13 * 4080), chip.Journal.FreeBytes);
    }

    [Fact]
    public void Flash_holds_no_plaintext_and_the_same_content_never_looks_the_same()
    {
        var silicon = TestChips.Make();
        using var chip = ChipState.Boot(silicon);
        var content = "the very secret content"u8.ToArray();
        Commit(chip, "secret name", content);
        var first = Image(silicon.Flash);
        Commit(chip, "secret name", content);
        var second = Image(silicon.Flash);

        Assert.Equal(-1, first.AsSpan().IndexOf(content));
        Assert.Equal(-1, first.AsSpan().IndexOf("secret name"u8));
        var pageA = first.AsSpan(8 * 4096, 32).ToArray();
        var pageB = second.AsSpan(9 * 4096, 32).ToArray();
        Assert.NotEqual(pageA, pageB);
    }

    /// <summary>The number of the commit comes again, and so does all of its content; no seal does.</summary>
    [Fact]
    public void A_transaction_begun_again_after_a_power_cut_is_sealed_afresh()
    {
        var silicon = TestChips.Make();
        var pages = new List<byte[]>();
        for (var i = 0; i < 2; i++)
        {
            var power = new PowerCut(silicon.Snapshot(new SeededNoise(6)), 1);
            for (var boot = 0; boot <= i; boot++)
            {
                power.Restore();
                using var chip = ChipState.Boot(power);
                power.Arm(3, CutKind.Before);
                Assert.Throws<PowerLostException>(() => Commit(chip, "a", Bytes(100, 1)));
                Assert.Equal(0ul, chip.Journal.Sequence);
            }

            pages.Add(Image(power).AsSpan(8 * 4096, 32).ToArray());
        }

        Assert.All(pages, page => Assert.Contains(page, b => b != 0xFF));
        Assert.NotEqual(pages[0], pages[1]);
    }

    [Fact]
    public void Of_an_object_with_a_changed_page_nothing_is_handed_out()
    {
        var silicon = TestChips.Make();
        using (var chip = ChipState.Boot(silicon))
        {
            Commit(chip, "a", Bytes(9_000, 1));
        }

        var flash = new MemoryFlash(64, 4096);
        CopyChanged(silicon.Flash, flash, address: (9 * 4096) + 3);
        using var changed = ChipState.Boot(silicon.WithFlash(flash));
        var destination = Bytes(9_000, 2);

        Assert.True(changed.Journal.Read("a", 0, destination).Refused(out _, out var why));
        Assert.Equal(Reason.BadSeal, why.Reason);
        Assert.DoesNotContain(destination, b => b != 0);
    }

    [Fact]
    public void A_changed_page_is_refused_when_read()
    {
        var silicon = TestChips.Make();
        using (var chip = ChipState.Boot(silicon))
        {
            Commit(chip, "a", Bytes(100, 1));
        }

        var flash = new MemoryFlash(64, 4096);
        CopyChanged(silicon.Flash, flash, address: (8 * 4096) + 5);
        using var changed = ChipState.Boot(silicon.WithFlash(flash));

        Assert.True(changed.Journal.ReadAll("a").Refused(out _, out var why));
        Assert.Equal(Reason.BadSeal, why.Reason);
        Assert.True(changed.Journal.ReadAll("b").Refused(out _, out why));
        Assert.Equal(Reason.UnknownEntry, why.Reason);
    }

    [Fact]
    public void A_second_transaction_and_a_wrong_size_are_bugs()
    {
        using var chip = ChipState.Boot(TestChips.Make());
        using var transaction = chip.Journal.Begin();
        Assert.Throws<InvalidOperationException>(() => chip.Journal.Begin());
        transaction.Create("a", 2);
        Assert.Throws<InvalidOperationException>(() => transaction.Append([1, 2, 3]));
        transaction.Append([1]);
        Assert.Throws<InvalidOperationException>(transaction.Commit);
    }

    /// <summary>
    /// Every write of a commit, every kind of cut, and every write and kind again while recovering.
    /// </summary>
    [Fact]
    public void After_any_two_power_cuts_a_commit_has_happened_or_not()
    {
        var silicon = TestChips.Make(geometry: new FlashGeometry(24, 4096));
        using (var chip = ChipState.Boot(silicon))
        {
            Commit(chip, "kept", Bytes(600, 1));
            Commit(chip, "replaced", Bytes(900, 2));
            Commit(chip, "deleted", Bytes(30, 3));
        }

        var report = PowerCutSweep.Run(silicon, seed: 20, flash =>
        {
            using var chip = ChipState.Boot(flash);
            using var transaction = chip.Journal.Begin();
            Assert.Null(transaction.Create("new", 5000));
            transaction.Append(Bytes(5000, 4));
            Assert.Null(transaction.Put("replaced", Bytes(40, 5)));
            transaction.Delete("deleted");
            transaction.Then(MonotonicUpdate.Delivered(7, Digest.Of("done"u8)));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
            transaction.Then(MonotonicUpdate.Sequenced(Digest.Of("owner"u8), "app", 9));
            transaction.Commit();
        });

        Assert.InRange(report.Writes, 300, 1000);
        Assert.True(report.Cuts > 2 * report.Writes && report.SecondCuts >= report.Cuts);
        Assert.True(report is { AsBefore: > 0, AsAfter: > 0 });
    }

    /// <summary>Many transactions with a cut in each, against a model that knows old and new.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_random_run_under_power_cuts_agrees_with_its_model(ulong seed)
    {
        var dice = new SeededNoise(seed);
        var silicon = new PowerCut(TestChips.Make(seed, geometry: new FlashGeometry(40, 4096)), seed);
        var model = new Dictionary<string, byte[]>();
        for (var round = 0; round < 150; round++)
        {
            var next = new Dictionary<string, byte[]>(model);
            silicon.Restore();
            silicon.Arm(dice.Next(600), (CutKind)dice.Next(4));
            var finished = false;
            try
            {
                using var chip = ChipState.Boot(silicon);
                AssertHolds(model, chip);
                finished = Change(chip, next, dice);
            }
            catch (PowerLostException)
            {
            }

            silicon.Restore();
            using var survivor = ChipState.Boot(silicon);
            var isNew = finished || (survivor.Journal.SizeOf("round") >= 0
                && survivor.Journal.ReadAll("round").OrThrow().AsSpan().SequenceEqual(next["round"]));
            model = isNew && next.ContainsKey("round") ? next : model;
            AssertHolds(model, survivor);
        }

        Assert.NotEmpty(model);
    }

    private static bool Change(ChipState chip, Dictionary<string, byte[]> next, SeededNoise dice)
    {
        next["round"] = BitConverter.GetBytes(next.TryGetValue("round", out var last)
            ? BitConverter.ToInt32(last) + 1
            : 1);
        using var transaction = chip.Journal.Begin();
        Assert.Null(transaction.Put("round", next["round"]));
        for (var i = dice.Next(4); i >= 0; i--)
        {
            var name = $"object {dice.Next(6)}";
            if (dice.Next(4) == 0)
            {
                transaction.Delete(name);
                next.Remove(name);
                continue;
            }

            var content = Bytes(dice.Next(9000), dice.Next(1000));
            if (transaction.Create(name, content.Length) is null)
            {
                transaction.Append(content);
                next[name] = content;
            }
        }

        transaction.Commit();
        return true;
    }

    private static void AssertHolds(Dictionary<string, byte[]> model, ChipState chip)
    {
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), chip.Journal.Names);
        foreach (var (name, content) in model)
        {
            Assert.Equal(content, chip.Journal.ReadAll(name).OrThrow());
        }
    }

    private static void Commit(ChipState chip, string name, byte[] content)
    {
        using var transaction = chip.Journal.Begin();
        Assert.Null(transaction.Put(name, content));
        transaction.Commit();
    }

    private static byte[] Image(IFlash flash)
    {
        var image = new byte[flash.PageCount * flash.PageSize];
        flash.Read(0, image);
        return image;
    }

    private static void CopyChanged(IFlash from, MemoryFlash to, int address)
    {
        var image = Image(from);
        image[address] ^= 1;
        for (var offset = 0; offset < image.Length; offset += IFlash.WordSize)
        {
            to.ProgramWord(offset, image.AsSpan(offset, IFlash.WordSize));
        }
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new SeededNoise((ulong)seed).Fill(bytes);
        return bytes;
    }
}
