using System.Diagnostics;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>
/// The factory's tool, with one to three sockets at work, and a chip host as real processes, killed without
/// warning; then the run is resumed.
/// </summary>
public sealed class KilledLotTests : IDisposable
{
    private const int ChipCount = 3;
    private const int MaxRounds = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly AssetContent[] Assets =
    [
        AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, ProvisioningBench.Bytes("key", 32)),
        AssetContent.Generated(2, 32),
        AssetContent.Of(
            3, AssetKind.Program, AssetStorage.FlashObject, ProvisioningBench.Bytes("program", 8192)),
    ];

    private static readonly ProvisioningBench Family = new(Assets);
    private static readonly ProvisioningBench Named = new(Assets, mode: PackageMode.Chip);

    private readonly TemporaryFolder folder = new();
    private readonly List<string> chips = [];
    private readonly List<Process> started = [];

    public KilledLotTests()
    {
        for (var number = 1; number <= ChipCount; number++)
        {
            chips.Add(folder.PathTo($"chip{number}"));
            SoftChip.FabricateIn(
                chips[^1],
                TestChips.Immutable((ulong)number),
                new SeededNoise((ulong)number),
                new byte[SoftChip.TesterSize],
                new FlashGeometry(64, 4096));
        }

        folder.Write("program", ProvisioningBench.Program);
        folder.Write("chip-maker-key", TestChips.ChipMaker.Public.Bytes);
    }

    private string JournalPath => folder.PathTo("journal");

    private string EventsPath => folder.PathTo("events");

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 20)];

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
        var bench = seed % 2 == 0 ? Named : Family;
        WriteFilesOf(bench);

        var host = await StartChips();
        var sockets = 1 + seed % ChipCount;
        var station = StartStation(sockets);
        await Until(() => station.HasExited || LengthOf(JournalPath) >= journalBytes);
        await Task.Delay(laterMs, TestContext.Current.CancellationToken);
        if (victim != 0)
        {
            Kill(host);
        }

        if (victim != 1)
        {
            Kill(station);
        }

        await station.WaitForExitAsync(TestContext.Current.CancellationToken);
        var status = -1;
        for (var round = 0; round < MaxRounds && status != 0; round++)
        {
            host = host.HasExited ? await StartChips() : host;
            station = StartStation(sockets);
            await station.WaitForExitAsync(TestContext.Current.CancellationToken);
            status = station.ExitCode;
        }

        var said = await station.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(status == 0, $"seed {seed}: the run never came to its end: {said}");
        host.StandardInput.Close();
        await host.WaitForExitAsync(TestContext.Current.CancellationToken);
        ChipsAndJournalAgree(bench, seed);
        EachChipWasProvisionedInOneEvent();
    }

    public void Dispose()
    {
        foreach (var process in started)
        {
            Kill(process);
            process.Dispose();
        }

        folder.Dispose();
    }

    /// <summary>What the factory is handed; in chip mode a folder of unlocks, one for each chip.</summary>
    private void WriteFilesOf(ProvisioningBench bench)
    {
        folder.Write("package", bench.Sealed.Package);
        folder.Write("order", bench.Order.Bytes.Span);
        folder.Write("order-key", bench.OrderKey.Public.Bytes);
        if (bench.Mode == PackageMode.Family)
        {
            folder.Write("unlock", bench.Unlock);
            return;
        }

        var lot = chips.Select((path, place) => SoftChip.Open(path, new SeededNoise((ulong)place))).ToArray();
        var named = new NamedBench(bench, lot);
        Directory.CreateDirectory(folder.PathTo("unlock"));
        foreach (var chip in lot)
        {
            folder.Write($"unlock/{chip.Immutable.ChipId}.unlock", named.UnlockFor(chip));
            chip.Dispose();
        }
    }

    private void ChipsAndJournalAgree(ProvisioningBench bench, int seed)
    {
        using var journal = LotJournal.Open(JournalPath, bench.Order.Digest, resume: true);
        Assert.Equal(ChipCount, journal.Book.Receipts.Count);
        Assert.Equal(ChipCount, journal.Book.Count(ChipStanding.Provisioned));
        foreach (var path in chips)
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
    private void EachChipWasProvisionedInOneEvent()
    {
        var fates = File.ReadAllLines(EventsPath)
            .Where(line => line.StartsWith('{') && line.EndsWith('}'))
            .Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["event"] == "chip-ended")
            .ToLookup(line => (string?)line["chip"], line => (string?)line["fate"]);
        foreach (var chip in fates.Where(chip => chip.Key is not null))
        {
            Assert.InRange(chip.Count(fate => fate is "provisioned" or "recovered"), 0, 1);
            Assert.Contains(chip, fate => fate is "provisioned" or "recovered" or "known");
        }

        Assert.Equal(ChipCount, fates.Count(chip => chip.Key is not null));
    }

    private async Task<Process> StartChips()
    {
        var host = Start("keywright", ["chip-host", .. chips]);
        var first = await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.True(first is not null, "the chip host did not start");
        return host;
    }

    private Process StartStation(int sockets) => Start(
        "keywright-station",
    [
        "provision", "--json", "--resume", "--sockets", $"{sockets}", "--events", EventsPath, "--dir", folder.PathTo("."),
        "--program", folder.PathTo("program"), "--package", folder.PathTo("package"),
        "--unlock", folder.PathTo("unlock"),
        "--order", folder.PathTo("order"), "--order-key", folder.PathTo("order-key"),
        "--chip-maker-key", folder.PathTo("chip-maker-key"), "--journal", JournalPath,
        .. chips.Select(path => Path.Combine(path, "socket")),
    ]);

    private Process Start(string program, string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [KeywrightProgram.PathTo(program), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        started.Add(process);
        return process;
    }

    private static void Kill(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private static async Task Until(Func<bool> happened)
    {
        using var impatience = new CancellationTokenSource(Patience);
        while (!happened())
        {
            await Task.Delay(1, impatience.Token);
        }
    }
}
