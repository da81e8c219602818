using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.UnitTests.Station.Provisioning;

/// <summary>A lot in chip mode: each chip is given its own unlock, and one without goes by.</summary>
[Trait("Req", "P15")]
[Trait("Req", "P14")]
public sealed class NamedLotTests : IDisposable
{
    private static readonly ProvisioningBench Bench = new(mode: PackageMode.Chip);
    private static readonly ProvisioningBench Family = new();

    private readonly TemporaryFolder folder = new();
    private readonly SoftChip[] chips = [.. Enumerable.Range(1, 4).Select(number => TestChips.Make((ulong)number))];
    private readonly Dictionary<ChipId, byte[]> unlocks;

    public NamedLotTests()
    {
        var named = new NamedBench(Bench, chips);
        unlocks = chips.ToDictionary(chip => chip.Immutable.ChipId, named.UnlockFor);
    }

    private ChipId Third => chips[2].Immutable.ChipId;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_chip_without_an_unlock_is_refused_by_name_and_the_others_go_on(int sockets)
    {
        unlocks.Remove(Third);
        using var journal = Journal();

        var results = Lot(journal).Run(Sockets, new LotRun { Sockets = sockets });

        Assert.Equal(
            [ChipFate.Provisioned, ChipFate.Provisioned, ChipFate.Refused, ChipFate.Provisioned],
            results.Select(result => result.Fate));
        Assert.Equal(Reason.UnlockMismatch, results[2].Refusal?.Reason);
        Assert.Contains(Third.ToString(), results[2].Refusal!.Detail, StringComparison.Ordinal);
        Assert.Null(journal.Book.Find(Third));
    }

    [Fact]
    public void An_unlock_that_comes_later_serves_the_resumed_run()
    {
        var late = unlocks[Third];
        unlocks.Remove(Third);
        using (var journal = Journal())
        {
            Lot(journal).Run(Sockets, new LotRun());
        }

        unlocks[Third] = late;
        using var resumed = Journal(resume: true);
        var results = Lot(resumed).Run(Sockets, new LotRun());

        Assert.Equal(
            [ChipFate.Known, ChipFate.Known, ChipFate.Provisioned, ChipFate.Known],
            results.Select(result => result.Fate));
        Assert.Equal(4, resumed.Book.Receipts.Count);
    }

    [Fact]
    public void Unlocks_under_other_chips_names_open_nothing()
    {
        var ids = chips.Select(chip => chip.Immutable.ChipId).ToList();
        (unlocks[ids[0]], unlocks[ids[1]]) = (unlocks[ids[1]], unlocks[ids[0]]);
        using var journal = Journal();

        var results = Lot(journal).Run(Sockets, new LotRun());

        Assert.Equal(
            [Reason.UnlockMismatch, Reason.UnlockMismatch, null, null],
            results.Select(result => result.Refusal?.Reason));
    }

    [Fact]
    public void A_chip_that_was_provisioned_before_a_crash_needs_its_unlock_no_more()
    {
        using (var journal = Journal())
        {
            journal.Begun(Third, "socket", null);
        }

        Assert.Null(Bench.Provision(chips[2], Bench.Inputs
            .With("command", "provision-named"u8.ToArray())
            .With("unlock", unlocks[Third])).Refusal);
        unlocks.Remove(Third);

        using var resumed = Journal(resume: true);
        Assert.Equal(ChipFate.Recovered, Lot(resumed).Run(Sockets, new LotRun())[2].Fate);
    }

    [Fact]
    public void An_unlock_that_cannot_be_read_is_that_sockets_matter()
    {
        using var journal = Journal();
        var files = Files(LotUnlocks.OfChips(chip =>
            chip == Third ? throw new IOException("the disk is tired") : unlocks[chip]));

        var results = new ProvisionLot(files, journal).Run(Sockets, new LotRun());

        Assert.Equal(
            [ChipFate.Provisioned, ChipFate.Provisioned, ChipFate.Lost, ChipFate.Provisioned],
            results.Select(result => result.Fate));
    }

    [Fact]
    public void A_rehearsal_names_the_chips_without_an_unlock()
    {
        unlocks.Remove(Third);
        using var journal = Journal();

        var results = new RehearseLot(Files(Named), journal.Book).Run(Sockets, _ => { });

        Assert.Equal(
            [null, null, Reason.UnlockMismatch, null], results.Select(result => result.Refusal?.Reason));
        Assert.Empty(journal.Book.Chips);
    }

    [Fact]
    public void Unlocks_of_the_other_mode_are_refused_before_the_first_chip()
    {
        Assert.Equal(Reason.UnlockMismatch, FaultOf(Bench, LotUnlocks.OfFamily(Family.Unlock)));
        Assert.Equal(Reason.UnlockMismatch, FaultOf(Family, Named));
    }

    [Fact]
    public void An_order_of_the_other_mode_is_refused_before_the_first_chip()
    {
        var order = Keywright.Protocol.Cose.Message.Sign(
            Bench.Order.Content with { Mode = PackageMode.Family }, Bench.OrderKey);

        Assert.Equal(Reason.ForeignPackage, FaultOf(Bench, Named, order.Bytes));
        Assert.True(Keywright.Owner.Provisioning.SignOrder.Run(
            Bench.Order.Content with { Mode = PackageMode.Family }, [Bench.Sealed.Package], Bench.OrderKey)
            .Refused(out _, out var why));
        Assert.Equal(Reason.ForeignPackage, why.Reason);
    }

    public void Dispose() => folder.Dispose();

    private LotUnlocks Named => LotUnlocks.OfChips(chip => unlocks.GetValueOrDefault(chip));

    private IEnumerable<ChipSocket> Sockets => chips.Select(
        (chip, place) => new ChipSocket($"socket {place}", () => BootedDevice.Boot(chip)));

    private ProvisionLot Lot(LotJournal journal) => new(Files(Named), journal);

    private LotJournal Journal(bool resume = false) =>
        LotJournal.Open(folder.PathTo("journal"), Bench.Order.Digest, resume);

    private static LotFiles Files(LotUnlocks unlocks) => Parse(Bench, unlocks, Bench.Order.Bytes).OrThrow();

    private static Reason? FaultOf(
        ProvisioningBench bench, LotUnlocks unlocks, ReadOnlyMemory<byte>? order = null) =>
        Parse(bench, unlocks, order ?? bench.Order.Bytes).Refused(out _, out var why) ? why.Reason : null;

    private static Outcome<LotFiles> Parse(
        ProvisioningBench bench, LotUnlocks unlocks, ReadOnlyMemory<byte> order) => LotFiles.Parse(
            ProvisioningBench.Program, bench.Sealed.Package, unlocks, order, bench.OrderKey.Public,
            TestChips.ChipMaker.Public);
}
