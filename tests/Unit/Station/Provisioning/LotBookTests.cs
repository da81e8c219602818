using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;
using Keywright.Station;
using Keywright.Station.Provisioning;

namespace Keywright.UnitTests.Station.Provisioning;

/// <summary>Where chips stand: scrap, returns, the sum that always holds, and rehearsals that change nothing.</summary>
public sealed class LotBookTests : IDisposable
{
    private static readonly ProvisioningBench Bench = new();
    private static readonly byte[] SomeReceipt = new byte[300];

    private readonly TemporaryFolder folder = new();

    private string JournalPath => folder.PathTo("journal");

    public void Dispose() => folder.Dispose();

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("Req", "P14")]
    public void Every_issued_chip_stands_in_one_place_whatever_happened_and_reads_the_same_again(int seed)
    {
        var noise = new SeededNoise((ulong)seed);
        using (var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false))
        {
            for (var step = 0; step < 60; step++)
            {
                Happen(journal, Id(noise.Next(8)), noise.Next(6));
                var book = journal.Book;
                Assert.Equal(book.Chips.Count, Enum.GetValues<ChipStanding>().Sum(book.Count));
                Assert.Equal(book.Chips.Count(chip => chip.MayHoldKeys), book.Spent);
            }
        }

        var again = LotBook.Read(JournalPath);
        using var resumed = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: true);
        Assert.Equal(resumed.Book.Spent, again.Spent);
        Assert.Equal(
            resumed.Book.Chips.Select(chip => (chip.Chip, chip.Standing, chip.Tries)),
            again.Chips.Select(chip => (chip.Chip, chip.Standing, chip.Tries)));
    }

    [Fact]
    [Trait("Req", "P14")]
    public void Scrap_keeps_its_place_in_the_quota_when_it_may_hold_keys_and_only_then()
    {
        using var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false);
        journal.Begun(Id(1), "1");
        journal.Completed(Id(1), SomeReceipt);
        journal.Begun(Id(2), "1");
        journal.Begun(Id(3), "1");
        journal.Refused(Id(3), new Refusal(Reason.WrongLot, ""));

        foreach (var chip in (ChipId[])[Id(1), Id(2), Id(3)])
        {
            Assert.Null(journal.Scrap(chip, "board dead"));
            Assert.Null(journal.Scrap(chip, "said again"));
        }

        Assert.Equal(3, journal.Book.Count(ChipStanding.Scrapped));
        Assert.Equal(2, journal.Book.Spent);
        Assert.Equal("board dead", journal.Book.Find(Id(1))?.ScrappedFor);
        Assert.Single(journal.Book.Receipts);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void Only_what_failed_or_was_scrapped_is_given_back()
    {
        using var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false);
        Assert.Equal(Reason.UnknownChip, journal.Scrap(Id(1), "never seen")?.Reason);
        Assert.Equal(Reason.UnknownChip, journal.Return(Id(1), "OEM")?.Reason);
        journal.Begun(Id(1), "1");
        Assert.Equal(Reason.WrongLifecycle, journal.Return(Id(1), "OEM")?.Reason);
        Assert.Equal(Reason.TooLarge, journal.Scrap(Id(1), new string('x', 129))?.Reason);
        journal.Completed(Id(1), SomeReceipt);
        Assert.Equal(Reason.WrongLifecycle, journal.Return(Id(1), "OEM")?.Reason);

        Assert.Null(journal.Scrap(Id(1), "board dead"));
        Assert.Null(journal.Return(Id(1), "OEM"));
        Assert.Equal("OEM", journal.Book.Find(Id(1))?.ReturnedTo);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_chip_that_was_removed_and_comes_again_is_left_alone_and_a_failed_one_is_tested_again()
    {
        var (scrapped, returned, failed) = (TestChips.Make(1), TestChips.Make(2), TestChips.Make(3));
        using var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false);
        foreach (var chip in (SoftChip[])[scrapped, returned, failed])
        {
            journal.Begun(chip.Immutable.ChipId, "1");
            journal.Refused(chip.Immutable.ChipId, new Refusal(Reason.DamagedPackage, "a bad copy"));
        }

        journal.Scrap(scrapped.Immutable.ChipId, "burnt");
        journal.Return(returned.Immutable.ChipId, "chip maker");
        var results = new ProvisionLot(Files(Bench.Order), journal).Run(
            Sockets(scrapped, returned, failed), new LotRun());

        Assert.Equal(
            [ChipFate.Removed, ChipFate.Removed, ChipFate.Provisioned], results.Select(result => result.Fate));
        Assert.Equal(["scrapped: burnt", "given back to chip maker", null], results.Select(result => result.Why));
        Assert.Equal(Lifecycle.Blank, scrapped.Monotonic.State.Lifecycle);
        Assert.Equal(2, journal.Book.Find(failed.Immutable.ChipId)?.Tries);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_rehearsal_says_what_a_run_would_come_to_and_changes_nothing()
    {
        var order = Message.Sign(Bench.Order.Content with { Quota = 2 }, Bench.OrderKey);
        var chips = Enumerable.Range(1, 4).Select(number => TestChips.Make((ulong)number)).ToArray();
        var (wrong, used) = (TestChips.Make(5, lot: 9), TestChips.Make(6));
        Bench.Provision(used);
        var sockets = Sockets(chips[0], wrong, used, chips[0], chips[1], chips[2]).ToList();
        sockets[4] = sockets[4] with { Serial = "K-1" };
        sockets.Add(new ChipSocket("empty", () => throw new IOException("nobody answers")));

        var results = new RehearseLot(Files(order), LotBook.Read(JournalPath)).Run(sockets, _ => { });

        Assert.Equal(
            [
                ChipFate.Ready, ChipFate.Refused, ChipFate.Refused, ChipFate.Lost, ChipFate.Ready, ChipFate.Refused,
                ChipFate.Lost,
            ],
            results.Select(result => result.Fate));
        Assert.Equal(
            [Reason.WrongLot, Reason.AlreadyProvisioned, Reason.OverQuota],
            results.Where(result => result.Refusal is not null).Select(result => result.Refusal!.Reason));
        Assert.False(File.Exists(JournalPath));
        Assert.All(chips, chip => Assert.Equal(Lifecycle.Blank, chip.Monotonic.State.Lifecycle));
    }

    [Fact]
    public void A_journal_that_is_only_read_keeps_its_torn_end()
    {
        using (var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false))
        {
            journal.Begun(Id(1), "1");
            journal.Completed(Id(1), SomeReceipt);
            Assert.Throws<IOException>(() => LotBook.Read(JournalPath));
        }

        var torn = File.ReadAllBytes(JournalPath)[..^1];
        File.WriteAllBytes(JournalPath, torn);

        Assert.Equal(ChipStanding.Open, Assert.Single(LotBook.Read(JournalPath).Chips).Standing);
        Assert.Equal(torn, File.ReadAllBytes(JournalPath));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(0)]
    public void A_record_of_a_chip_that_was_never_begun_is_damage(int kind)
    {
        LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false).Dispose();
        using (var raw = Journal.Open(JournalPath, _ => { }))
        {
            using var writer = new CborWriter(640);
            writer.Array(3).UInt((uint)kind).Bytes(Id(1).ToArray());
            _ = kind == 2 ? writer.Bytes(SomeReceipt) : writer.Text("x");
            raw.Append(writer.Written);
        }

        Assert.Throws<IOException>(() => LotBook.Read(JournalPath));
    }

    private static void Happen(LotJournal journal, ChipId chip, int what)
    {
        var known = journal.Book.Find(chip);
        switch (what)
        {
            case 0 when known is not { IsRemoved: true }:
                journal.Begun(chip, "1");
                break;
            case 1 when known is { IsUnresolved: true, IsRemoved: false }:
                journal.Completed(chip, SomeReceipt);
                break;
            case 2 when known is { IsUnresolved: true, IsRemoved: false }:
                journal.Refused(chip, new Refusal(Reason.WrongLot, ""));
                break;
            case 3:
                journal.Scrap(chip, "board dead");
                break;
            case 4:
                journal.Return(chip, "OEM");
                break;
        }
    }

    private static ChipId Id(int number) => ChipId.FromRandom([(byte)number, .. new byte[15]]);

    private static IEnumerable<ChipSocket> Sockets(params SoftChip[] chips) =>
        chips.Select((chip, index) => new ChipSocket($"socket {index}", () => BootedDevice.Boot(chip)));

    private static LotFiles Files(Verified<Order> order) => LotFiles.Parse(
        ProvisioningBench.Program, Bench.Sealed.Package, LotUnlocks.OfFamily(Bench.Unlock), order.Bytes,
        Bench.OrderKey.Public, TestChips.ChipMaker.Public).OrThrow();
}
