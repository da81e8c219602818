using Keywright.Owner.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.UnitTests.KeyDownload;

public sealed class SetTests : IDisposable
{
    private readonly TestUnit[] units = [.. Enumerable.Range(1, 8).Select(n => TestUnit.Make((ulong)n))];
    private readonly TestSam sam;

    public SetTests() => sam = new TestSam(units);

    public void Dispose() => sam.Dispose();

    [Fact]
    [Trait("Req", "S09")]
    public void A_whole_set_gets_its_key_and_the_report_says_so()
    {
        var seen = new Seen();
        var results = Run([.. units.Select(TestSam.InSet)], seen);
        Assert.All(results, result => Assert.True(result.Acknowledged));
        Assert.Equal(units.Select(unit => unit.Serial), seen.Results.Select(result => result.Serial));
        Assert.All(units, unit => Assert.NotNull(unit.Stored(TestSam.Ref2)));
        var report = Report();
        Assert.Equal(8, report.Count(DownloadStage.Acknowledged));
        Assert.Equal(8, report.Key.Exported);
    }

    [Fact]
    [Trait("Req", "S09")]
    public void Units_that_refuse_or_are_not_there_do_not_hold_up_the_others()
    {
        var stranger = TestUnit.Make(50);
        var blank = new TestUnit(TestSupport.TestChips.Make(51));
        SetUnit[] set =
        [
            TestSam.InSet(stranger), TestSam.InSet(blank),
            new(units[0].Serial, () => throw new IOException("no chip there")),
            new(units[1].Serial, () => new Unplugged()),
            TestSam.InSet(units[2]) with { Serial = units[3].Serial },
            TestSam.InSet(units[4]),
        ];
        var results = Run(set);
        Assert.Equal(
            [Reason.UnknownUnit, Reason.WrongLifecycle, null, null, Reason.WrongChip, null],
            results.Select(result => result.Refusal?.Reason));
        Assert.Equal(["no chip there", "unplugged"], results.Select(r => r.Unreached).OfType<string>());
        Assert.Equal([false, false, false, false, false, true], results.Select(r => r.Acknowledged));

        var report = Report();
        Assert.Equal(1, report.Count(DownloadStage.Acknowledged));
        Assert.Equal(7, report.Count(DownloadStage.Missing));
    }

    [Theory]
    [Trait("Req", "S09")]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    public void A_download_that_crashed_anywhere_goes_on(int crashAfter, int counted)
    {
        var unit = units[0];
        var request = unit.Challenge(TestSam.Ref1).OrThrow();
        if (crashAfter > 0)
        {
            var answer = ExportKeyToUnit.Run(sam.Sam, request).OrThrow().Encode();
            _ = crashAfter switch
            {
                // Another terminal has asked this unit for a challenge meanwhile.
                2 => unit.Challenge(TestSam.Ref1).OrThrow(),
                3 => unit.Import(answer).OrThrow(),
                _ => answer,
            };
        }

        sam.Restart();
        Assert.True(Assert.Single(Run([TestSam.InSet(unit)])).Acknowledged);
        Assert.Equal(counted, sam.Sam.State.Record.ApplicationKeys[TestSam.Ref1].Exported);

        // Once more changes nothing, and does not even need the unit.
        var gone = new SetUnit(unit.Serial, () => throw new IOException("gone"));
        Assert.True(Assert.Single(Run([gone])).Acknowledged);
        Assert.Equal(counted, sam.Sam.State.Record.ApplicationKeys[TestSam.Ref1].Exported);
    }

    [Fact]
    [Trait("Req", "S09")]
    public void A_run_that_was_stopped_is_resumed_where_it_stood()
    {
        using var stop = new CancellationTokenSource();
        var seen = new Seen { After = 3, Then = stop.Cancel };
        SetUnit[] set = [.. units.Select(TestSam.InSet)];
        Assert.Throws<OperationCanceledException>(
            () => DownloadToSet.Run(sam.Sam, TestSam.Ref1, set, seen, stop.Token));
        Assert.Equal(3, Report().Count(DownloadStage.Acknowledged));

        sam.Restart();
        Assert.All(Run(set), result => Assert.True(result.Acknowledged));
        Assert.Equal(8, sam.Sam.State.Record.ApplicationKeys[TestSam.Ref1].Exported);
    }

    [Fact]
    public void A_unit_that_says_something_else_is_refused_and_what_it_says_is_not_believed()
    {
        var liar = new SetUnit(units[0].Serial, () => new Liar());
        Assert.Equal(
            Reason.Malformed, Assert.Single(Run([liar])).Refusal?.Reason);
        sam.ExportTo(units[0]);
        Assert.Equal(
            Reason.Malformed, Assert.Single(Run([liar])).Refusal?.Reason);
        Assert.Equal(1, Report().Count(DownloadStage.Exported));
    }

    private IReadOnlyList<UnitResult> Run(SetUnit[] set, IProgress<UnitResult>? progress = null) =>
        DownloadToSet.Run(sam.Sam, TestSam.Ref1, set, progress, TestContext.Current.CancellationToken);

    private DownloadReport Report() => ReportDownloads.Run(sam.Sam, TestSam.Ref1).OrThrow();

    private sealed class Seen : IProgress<UnitResult>
    {
        public List<UnitResult> Results { get; } = [];

        public int After { get; init; }

        public Action? Then { get; init; }

        public void Report(UnitResult value)
        {
            Results.Add(value);
            if (Results.Count == After)
            {
                Then?.Invoke();
            }
        }
    }

    private sealed class Unplugged : IChip
    {
        public Refusal? Execute(string command, IChipHost host) => throw new IOException("unplugged");
    }

    private sealed class Liar : IChip
    {
        public Refusal? Execute(string command, IChipHost host)
        {
            host.Emit(command == "challenge" ? "export-key" : "acknowledgement", [1, 2, 3]);
            return null;
        }
    }
}
