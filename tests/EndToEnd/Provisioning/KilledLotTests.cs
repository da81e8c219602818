using System.Globalization;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>
/// The factory's tool, with one to three sockets at work, and a chip host as real processes, killed without
/// warning; then the run is resumed. A campaign sets KEYWRIGHT_KILLS, how many points, and KEYWRIGHT_KILLS_FROM, the
/// first seed.
/// </summary>
public sealed class KilledLotTests
{
    private const int MaxRounds = 8;

    public static TheoryData<int> Seeds() =>
        [.. Enumerable.Range(Setting("KEYWRIGHT_KILLS_FROM", 1), Setting("KEYWRIGHT_KILLS", 20))];

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("Req", "P14")]
    [Trait("Req", "P15")]
    public async Task A_run_killed_at_a_seeded_point_resumes_to_one_receipt_for_each_chip(int seed)
    {
        var noise = new SeededNoise((ulong)seed);
        var journalBytes = noise.Next(1400);
        var laterMs = noise.Next(12);
        var victim = noise.Next(3);
        using var line = new FactoryLine(seed % 2 == 0 ? PackageMode.Chip : PackageMode.Family);

        var host = await line.StartChips();
        var sockets = 1 + seed % FactoryLine.ChipCount;
        var station = line.StartStation(sockets);
        await FactoryLine.Until(() => station.HasExited || LengthOf(line.JournalPath) >= journalBytes);
        await Task.Delay(laterMs, TestContext.Current.CancellationToken);
        if (victim != 0)
        {
            FactoryLine.Kill(host);
        }

        if (victim != 1)
        {
            FactoryLine.Kill(station);
        }

        await station.WaitForExitAsync(TestContext.Current.CancellationToken);
        var status = -1;
        for (var round = 0; round < MaxRounds && status != 0; round++)
        {
            host = host.HasExited ? await line.StartChips() : host;
            station = line.StartStation(sockets);
            await station.WaitForExitAsync(TestContext.Current.CancellationToken);
            status = station.ExitCode;
        }

        Assert.True(status == 0, $"seed {seed}: the run never came to its end: {line.Said}");
        host.StandardInput.Close();
        await host.WaitForExitAsync(TestContext.Current.CancellationToken);
        ChipsAndJournalAgree(line, seed);
        EachChipWasProvisionedInOneEvent(line);
        line.NoFileHoldsASecret();
    }

    private static void ChipsAndJournalAgree(FactoryLine line, int seed)
    {
        using var journal = LotJournal.Open(line.JournalPath, line.Bench.Order.Digest, resume: true);
        Assert.Equal(FactoryLine.ChipCount, journal.Book.Receipts.Count);
        Assert.Equal(FactoryLine.ChipCount, journal.Book.Count(ChipStanding.Provisioned));
        foreach (var path in line.Chips)
        {
            using var silicon = SoftChip.Open(path, new SeededNoise((ulong)seed));
            using var chip = BootedDevice.Boot(silicon);
            var said = new MemoryHost();
            Assert.Null(chip.Execute("receipt", said));
            Assert.Equal(journal.Book.Receipts[silicon.Immutable.ChipId].ToArray(), said.Emitted("receipt"));
            Assert.Equal(1ul, chip.State.Journal.Sequence);
        }
    }

    // A kill may come between the journal and the event: then a later run names the chip as known.
    private static void EachChipWasProvisionedInOneEvent(FactoryLine line)
    {
        var fates = File.ReadAllLines(line.EventsPath)
            .Where(text => text.StartsWith('{') && text.EndsWith('}'))
            .Select(text => JsonNode.Parse(text)!)
            .Where(told => (string?)told["event"] == "chip-ended")
            .ToLookup(told => (string?)told["chip"], told => (string?)told["fate"]);
        foreach (var chip in fates.Where(chip => chip.Key is not null))
        {
            Assert.InRange(chip.Count(fate => fate is "provisioned" or "recovered"), 0, 1);
            Assert.Contains(chip, fate => fate is "provisioned" or "recovered" or "known");
        }

        Assert.Equal(FactoryLine.ChipCount, fates.Count(chip => chip.Key is not null));
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
