using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.UnitTests.Station.Provisioning;

public sealed class ProvisionLotTests : IDisposable
{
    private static readonly ProvisioningBench Bench = new();

    private readonly TemporaryFolder folder = new();

    private string JournalPath => folder.PathTo("journal");

    [Fact]
    [Trait("Req", "P14")]
    [Trait("Req", "P09")]
    public void A_lot_is_provisioned_and_every_receipt_is_in_the_journal()
    {
        var chips = Chips(3);
        var seen = new List<ChipResult>();

        using var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false);
        var results = Lot(journal).Run(Sockets(chips), new LotRun { Ended = seen.Add });

        Assert.All(results, result => Assert.Equal(ChipFate.Provisioned, result.Fate));
        Assert.Equal(results, seen);
        Assert.Equal(
            chips.Select(chip => chip.Immutable.ChipId).ToHashSet(), journal.Book.Receipts.Keys.ToHashSet());
        Assert.Equal(3, Count(journal).Issued);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void One_bad_chip_does_not_stop_the_lot()
    {
        var chips = Chips(3);
        chips[1] = TestChips.Make(2, lot: 9);
        var sockets = Sockets(chips).ToList();
        sockets.Insert(1, new ChipSocket("empty", () => throw new IOException("nobody answers")));

        using var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false);
        var results = Lot(journal).Run(sockets, new LotRun());

        Assert.Equal(
            [ChipFate.Provisioned, ChipFate.Lost, ChipFate.Refused, ChipFate.Provisioned], results.Select(
                result => result.Fate));
        Assert.Equal(Reason.WrongLot, results[2].Refusal?.Reason);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_run_cut_off_anywhere_in_its_journal_resumes_to_the_same_receipts()
    {
        var chips = Chips(2);
        List<string> whole;
        using (var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false))
        {
            Lot(journal).Run(Sockets(chips), new LotRun());
            whole = Receipts(journal);
        }

        var bytes = File.ReadAllBytes(JournalPath);
        for (var size = 0; size <= bytes.Length; size += 17)
        {
            var path = folder.Write("cut", bytes.AsSpan(0, size));
            using var journal = LotJournal.Open(path, Bench.Order.Digest, resume: true);
            var results = Lot(journal).Run(Sockets(chips), new LotRun());

            Assert.DoesNotContain(
                results, result => result.Fate is ChipFate.Provisioned or ChipFate.Refused or ChipFate.Lost);
            Assert.Equal(whole, Receipts(journal));
            Assert.Empty(Open(journal));
        }
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_chip_whose_line_broke_after_its_commit_is_counted_once_when_it_comes_back()
    {
        var chip = TestChips.Make(1);
        using (var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false))
        {
            var results = Lot(journal).Run([new ChipSocket("1", () => new BrokenLine(chip))], new LotRun());
            Assert.Equal(ChipFate.Lost, results[0].Fate);
            Assert.Single(Open(journal));
        }

        using (var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: true))
        {
            Assert.Equal(ChipFate.Recovered, Lot(journal).Run(Sockets([chip]), new LotRun())[0].Fate);
            Assert.Equal(ChipFate.Known, Lot(journal).Run(Sockets([chip]), new LotRun())[0].Fate);
            Assert.Equal(1, Count(journal).Issued);
        }
    }

    [Fact]
    [Trait("Req", "P14")]
    public void The_station_stops_at_the_quota_and_counts_lost_chips_as_made()
    {
        var order = Message.Sign(Bench.Order.Content with { Quota = 2 }, Bench.OrderKey);
        var chips = Chips(3);
        List<ChipSocket> sockets = [new("1", () => new BrokenLine(chips[0])), .. Sockets(chips.Skip(1))];

        using var journal = LotJournal.Open(JournalPath, order.Digest, resume: false);
        var results = new ProvisionLot(Files(order), journal).Run(sockets, new LotRun());

        Assert.Equal(
            [ChipFate.Lost, ChipFate.Provisioned, ChipFate.Refused], results.Select(result => result.Fate));
        Assert.Equal(Reason.OverQuota, results[2].Refusal?.Reason);
        Assert.Equal(Lifecycle.Blank, chips[2].Monotonic.State.Lifecycle);
    }

    [Fact]
    public void A_chip_of_another_order_is_not_counted_under_this_one()
    {
        var other = new ProvisioningBench(seed: 8);
        var chip = TestChips.Make(1);
        other.Provision(chip);

        using var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false);
        var result = Lot(journal).Run(Sockets([chip]), new LotRun())[0];

        Assert.Equal(Reason.AlreadyProvisioned, result.Refusal?.Reason);
        Assert.Empty(journal.Book.Receipts);
    }

    [Fact]
    public void A_journal_is_resumed_knowingly_and_for_its_own_order_only()
    {
        LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false).Dispose();

        Assert.Contains("resume", Assert.Throws<IOException>(
            () => LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false)).Message);
        Assert.Contains("another order", Assert.Throws<IOException>(
            () => LotJournal.Open(JournalPath, Digest.Zero, resume: true)).Message);
    }

    [Fact]
    public void A_socket_with_a_long_name_is_remembered_by_the_end_of_it()
    {
        var chip = TestChips.Make(1);
        using (var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false))
        {
            Lot(journal).Run([new ChipSocket(new string('é', 300), () => BootedDevice.Boot(chip))], new LotRun());
        }

        using var again = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: true);
        Assert.Single(again.Book.Receipts);
    }

    [Fact]
    public void A_journal_serves_one_process_at_a_time()
    {
        using var journal = LotJournal.Open(JournalPath, Bench.Order.Digest, resume: false);

        Assert.Throws<IOException>(() => LotJournal.Open(JournalPath, Bench.Order.Digest, resume: true));
    }

    [Fact]
    [Trait("Req", "P02")]
    public void A_station_verifies_what_it_is_handed_before_the_first_chip_sees_it()
    {
        var other = new ProvisioningBench(seed: 8);
        var stranger = other.OrderKey.Public;
        var good = (Program: ProvisioningBench.Program, Package: Bench.Sealed.Package,
            Order: Bench.Order.Bytes.ToArray());

        Assert.Equal(Reason.BadSignature, FaultOf(
            good.Program, good.Package, good.Order, Bench.OrderKey.Public, stranger));
        Assert.Equal(Reason.BadSignature, FaultOf(good.Program, good.Package, good.Order, stranger));
        Assert.Equal(Reason.WrongOwner, FaultOf(
            good.Program, other.Sealed.Package, good.Order, Bench.OrderKey.Public));
        Assert.Equal(Reason.DamagedPackage, FaultOf(
            good.Program, good.Package[..^1], good.Order, Bench.OrderKey.Public));
        good.Package = [.. good.Package[..^1], (byte)(good.Package[^1] ^ 1)];
        Assert.Equal(
            Reason.ForeignPackage, FaultOf(good.Program, good.Package, good.Order, Bench.OrderKey.Public));
        var later = ProvisioningBench.SignText(ProvisioningBench.ProgramText, epoch: 2);
        Assert.Equal(
            Reason.WrongEpoch, FaultOf(later, Bench.Sealed.Package, good.Order, Bench.OrderKey.Public));
        var foreign = ProvisioningBench.SignText(ProvisioningBench.ProgramText, family: "other");
        Assert.Equal(
            Reason.WrongFamily, FaultOf(foreign, Bench.Sealed.Package, good.Order, Bench.OrderKey.Public));
    }

    public void Dispose() => folder.Dispose();

    private static SoftChip[] Chips(int count) =>
        [.. Enumerable.Range(1, count).Select(number => TestChips.Make((ulong)number))];

    private static IEnumerable<ChipSocket> Sockets(IEnumerable<SoftChip> chips) =>
        chips.Select((chip, index) => new ChipSocket($"socket {index}", () => BootedDevice.Boot(chip)));

    private static LotFiles Files(Verified<Order>? order = null) => LotFiles.Parse(
        ProvisioningBench.Program, Bench.Sealed.Package, LotUnlocks.OfFamily(Bench.Unlock), (order ?? Bench.Order).Bytes,
        Bench.OrderKey.Public, TestChips.ChipMaker.Public).OrThrow();

    private static ProvisionLot Lot(LotJournal journal) => new(Files(), journal);

    private static Reason? FaultOf(
        byte[] program, byte[] package, byte[] order, Keywright.Protocol.Keys.PublicKey orderKey,
        Keywright.Protocol.Keys.PublicKey? chipMaker = null) =>
        LotFiles.Parse(
            program, package, LotUnlocks.OfFamily(Bench.Unlock), order, orderKey, chipMaker ?? TestChips.ChipMaker.Public)
            .Refused(out _, out var why) ? why.Reason : null;

    private static ReceiptCount Count(LotJournal journal) => CountReceipts.Run(
        Bench.Order, [TestLists.Of(Chips(3))], journal.Book.Receipts.Values);

    private static IEnumerable<LotChip> Open(LotJournal journal) =>
        journal.Book.Chips.Where(chip => chip.Standing == ChipStanding.Open);

    private static List<string> Receipts(LotJournal journal) =>
    [
        .. journal.Book.Receipts
            .Select(entry => $"{entry.Key} {Convert.ToHexStringLower(entry.Value.Span)}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A line that breaks just after the chip has committed.</summary>
    private sealed class BrokenLine(SoftChip chip) : IChip
    {
        public Refusal? Execute(string command, IChipHost host)
        {
            using var booted = BootedDevice.Boot(chip);
            var refusal = booted.Execute(command, host);
            return command == "provisioning" ? throw new IOException("the line broke") : refusal;
        }
    }
}
