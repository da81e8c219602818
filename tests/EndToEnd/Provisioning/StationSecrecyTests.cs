using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>What the computer of a factory holds when chips were made: its memory, its files, what it showed.</summary>
public sealed class StationSecrecyTests : IDisposable
{
    private const int Made = 2;

    private readonly FactoryLine line = new(PackageMode.Family);

    [Fact]
    [Trait("Req", "P09")]
    [Trait("Req", "P11")]
    public async Task The_stations_memory_files_and_output_hold_no_secret_after_chips_were_made()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux: memory is read by the runtime's own dump there");
        var host = await line.StartChips();
        var station = line.StartStation(sockets: 1, "--serials", "-");
        for (var chip = 1; chip <= Made; chip++)
        {
            await station.StandardInput.WriteLineAsync($"K-{chip}");
        }

        // Two chips gave their receipts, and it waits for the serial of the third board.
        await station.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await FactoryLine.Until(() => station.HasExited || Ended() == Made);
        Assert.False(station.HasExited, line.Said);
        var (ofStation, ofChips) = (await line.MemoryOf(station), await line.MemoryOf(host));

        var (ofDies, ofNoFile) = line.Secrets();
        Assert.Empty(ofDies.FindInFile(ofStation));
        Assert.Empty(ofNoFile.FindInFile(ofStation));
        Assert.Empty(ofDies.FindIn(line.Said));
        Assert.Empty(ofNoFile.FindIn(line.Said));
        line.NoFileHoldsASecret();

        // That these are images of what went on: the station's has the receipts, and the chips' has their secrets.
        Assert.Equal(
            Made,
            Receipts().FindInFile(ofStation).Count(what => what.EndsWith("as it is", StringComparison.Ordinal)));
        Assert.NotEmpty(ofDies.FindInFile(ofChips));
        Assert.NotEmpty(ofNoFile.FindInFile(ofChips));
    }

    public void Dispose() => line.Dispose();

    private int Ended() => File.Exists(line.EventsPath)
        ? File.ReadLines(line.EventsPath).Count(line => line.Contains("chip-ended", StringComparison.Ordinal))
        : 0;

    /// <summary>The signatures in the journal.</summary>
    private KnownSecrets Receipts()
    {
        const int SignatureSize = 64;
        using var journal = LotJournal.Open(line.JournalPath, line.Bench.Order.Digest, resume: true);
        var known = new KnownSecrets();
        foreach (var (chip, receipt) in journal.Book.Receipts)
        {
            known.Add($"receipt of {chip}", receipt.Span[^SignatureSize..]);
        }

        return known;
    }
}
