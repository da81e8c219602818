using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.UnitTests.Station.Provisioning;

/// <summary>Several sockets at work on one lot, one journal and one quota.</summary>
public sealed class ParallelLotTests : IDisposable
{
    private static readonly ProvisioningBench Bench = new();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Req", "P14")]
    public void Sockets_work_at_the_same_time_and_each_chip_is_provisioned_once()
    {
        using var meeting = new Barrier(3);
        var chips = Chips(6);
        var sockets = chips.Select(chip => Socket(chip, before: () => Assert.True(meeting.SignalAndWait(Patience))));

        using var journal = Open();
        var results = Lot(journal).Run(sockets, new LotRun { Sockets = 3 });

        Assert.Equal(chips.Select(chip => chip.Immutable.ChipId), results.Select(result => result.Chip!.Value));
        Assert.All(results, result => Assert.Equal(ChipFate.Provisioned, result.Fate));
        Assert.Equal(6, journal.Book.Receipts.Count);
        Assert.All(journal.Book.Chips, chip => Assert.Equal(1, chip.Tries));
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_broken_socket_and_a_chip_of_a_wrong_lot_stop_no_other_socket()
    {
        var chips = Chips(4);
        chips[2] = TestChips.Make(3, lot: 9);
        List<ChipSocket> sockets =
        [
            new("empty", () => throw new IOException("nobody answers")),
            new("locked", () => throw new UnauthorizedAccessException("not yours")),
            .. chips.Select(chip => Socket(chip)),
        ];

        using var journal = Open();
        var results = Lot(journal).Run(sockets, new LotRun { Sockets = 3 });

        Assert.Equal(
            [
                ChipFate.Lost, ChipFate.Lost, ChipFate.Provisioned, ChipFate.Provisioned, ChipFate.Refused,
                ChipFate.Provisioned,
            ],
            results.Select(result => result.Fate));
        Assert.Equal(3, journal.Book.Count(ChipStanding.Provisioned));
        Assert.Equal(1, journal.Book.Count(ChipStanding.Failed));
    }

    [Fact]
    [Trait("Req", "P14")]
    public void The_last_place_of_the_quota_goes_to_the_chip_that_waits_when_the_one_before_it_fails()
    {
        var order = Message.Sign(Bench.Order.Content with { Quota = 1 }, Bench.OrderKey);
        using var begun = new ManualResetEventSlim();
        var wrong = TestChips.Make(1, lot: 9);
        var good = TestChips.Make(2);
        List<ChipSocket> sockets =
        [
            Socket(wrong, before: () =>
            {
                begun.Set();
                Thread.Sleep(50);
            }),
            Socket(good, onConnect: () => Assert.True(begun.Wait(Patience))),
        ];

        using var journal = Open(order);
        var results = new ProvisionLot(Files(order), journal).Run(sockets, new LotRun { Sockets = 2 });

        Assert.Equal(Reason.WrongLot, results[0].Refusal?.Reason);
        Assert.Equal(ChipFate.Provisioned, results[1].Fate);
        Assert.Single(journal.Book.Receipts);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_chip_that_two_sockets_reach_is_in_the_hand_of_one()
    {
        var chip = TestChips.Make(1);
        using var journal = Open();
        ChipResult? second = null;
        var lot = Lot(journal);
        lot.Run(
            [
                Socket(chip, before: () => second = lot.Run([Socket(chip)], new LotRun())[0]),
            ],
            new LotRun());

        Assert.Equal(ChipFate.Lost, second?.Fate);
        Assert.Contains("another socket", second?.Why);
        Assert.Equal(1, journal.Book.Chips.Single().Tries);
        Assert.Single(journal.Book.Receipts);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_run_stops_exactly_at_its_limit_and_passes_over_chips_that_have_receipts()
    {
        var chips = Chips(7);
        using var journal = Open();
        Lot(journal).Run([Socket(chips[1])], new LotRun());

        var results = Lot(journal).Run(chips.Select(chip => Socket(chip)), new LotRun { Sockets = 4, Limit = 3 });

        Assert.Equal(3, results.Count(result => result.Fate == ChipFate.Provisioned));
        Assert.Equal(4, journal.Book.Receipts.Count);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_chip_whose_line_broke_is_tested_again_at_once_as_often_as_was_said()
    {
        var chips = Chips(2);
        var (first, second) = (0, 0);
        var tries = new List<int>();
        var ended = new List<ChipResult>();
        List<ChipSocket> sockets =
        [
            Socket(chips[0], before: () => Break(++first <= 2)),
            Socket(chips[1], before: () => Break(++second <= 3)),
        ];

        using var journal = Open();
        var results = Lot(journal).Run(
            sockets, new LotRun { Retests = 2, Begun = begun => tries.Add(begun.Try), Ended = ended.Add });

        Assert.Equal([ChipFate.Provisioned, ChipFate.Lost], results.Select(result => result.Fate));
        Assert.Equal([1, 2, 3, 1, 2, 3], tries);
        Assert.Equal([true, true, false, true, true, false], ended.Select(result => result.IsRetested));
        Assert.Equal(1, journal.Book.Count(ChipStanding.Open));
    }

    [Fact]
    public void What_listens_and_cannot_go_on_stops_all_sockets()
    {
        var chips = Chips(5);
        using var journal = Open();

        Assert.Throws<IOException>(() => Lot(journal).Run(
            chips.Select(chip => Socket(chip)),
            new LotRun { Sockets = 2, Ended = _ => throw new IOException("the disk is full") }));

        Assert.InRange(journal.Book.Receipts.Count, 1, 4);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_serial_belongs_to_one_chip_and_a_chip_has_one_serial()
    {
        var chips = Chips(3);
        using (var journal = Open())
        {
            var results = Lot(journal).Run(
                [
                    Socket(chips[0]) with { Serial = "K-1" },
                    Socket(chips[1]) with { Serial = "K-1" },
                    Socket(chips[1]) with { Serial = "" },
                    Socket(chips[1]) with { Serial = "K 2" },
                    Socket(chips[1]) with { Serial = new string('K', 65) },
                    Socket(chips[1]) with { Serial = "K-2" },
                    Socket(chips[0]) with { Serial = "K-3" },
                    Socket(chips[0]),
                ],
                new LotRun());

            Assert.Equal(
                [
                    null, Reason.IdentityTaken, Reason.Malformed, Reason.Malformed, Reason.TooLarge, null,
                    Reason.IdentityTaken, null,
                ],
                results.Select(result => result.Refusal?.Reason));
            Assert.Equal(ChipFate.Known, results[^1].Fate);
        }

        var book = LotBook.Read(folder.PathTo("journal"));
        var serial = DeviceId.Parse("K-2").OrThrow();
        Assert.Equal(chips[1].Immutable.ChipId, book.Find(serial)?.Chip);
        Assert.Equal(2, book.Chips.Count);
    }

    private static void Break(bool now)
    {
        if (now)
        {
            throw new IOException("the line broke");
        }
    }

    private static SoftChip[] Chips(int count) =>
        [.. Enumerable.Range(1, count).Select(number => TestChips.Make((ulong)number))];

    private static ChipSocket Socket(SoftChip chip, Action? before = null, Action? onConnect = null) =>
        new($"socket {chip.Immutable.ChipId}", () =>
        {
            onConnect?.Invoke();
            return new Line(chip, before);
        });

    private static LotFiles Files(Verified<Order> order) => LotFiles.Parse(
        ProvisioningBench.Program, Bench.Sealed.Package, LotUnlocks.OfFamily(Bench.Unlock), order.Bytes,
        Bench.OrderKey.Public, TestChips.ChipMaker.Public).OrThrow();

    private static ProvisionLot Lot(LotJournal journal) => new(Files(Bench.Order), journal);

    private LotJournal Open(Verified<Order>? order = null) =>
        LotJournal.Open(folder.PathTo("journal"), (order ?? Bench.Order).Digest, resume: false);

    /// <summary>Something happens just before the chip is provisioned.</summary>
    private sealed class Line(SoftChip chip, Action? before) : IChip
    {
        public Refusal? Execute(string command, IChipHost host)
        {
            if (command == "provisioning")
            {
                before?.Invoke();
            }

            using var booted = BootedDevice.Boot(chip);
            return booted.Execute(command, host);
        }
    }
}
