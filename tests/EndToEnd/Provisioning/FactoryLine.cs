using System.Diagnostics;
using System.Text;
using Keywright.Chips;
using Keywright.Owner.Provisioning;
using Keywright.Protocol.Provisioning;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>
/// Three chips behind a chip host, and the factory's tool that provisions them: real processes, with all their files
/// in one folder, those that they put away for a moment too.
/// </summary>
internal sealed class FactoryLine : IDisposable
{
    public const int ChipCount = 3;

    private static readonly AssetContent[] Assets =
    [
        AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, ProvisioningBench.Bytes("key", 32)),
        AssetContent.Of(4, AssetKind.Seed, AssetStorage.KeyStore, ProvisioningBench.Bytes("seed", 32)),
        AssetContent.Generated(2, 32),
        AssetContent.Of(
            3, AssetKind.Program, AssetStorage.FlashObject, ProvisioningBench.Bytes("program", 8192)),
    ];

    private static readonly ProvisioningBench Family = new(Assets);
    private static readonly ProvisioningBench Named = new(Assets, mode: PackageMode.Chip);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder images = new();
    private readonly List<Process> started = [];
    private readonly StringBuilder said = new();

    public FactoryLine(PackageMode mode)
    {
        Bench = mode == PackageMode.Family ? Family : Named;
        for (var number = 1; number <= ChipCount; number++)
        {
            Chips.Add(folder.PathTo($"chip{number}"));
            SoftChip.FabricateIn(
                Chips[^1],
                TestChips.Immutable((ulong)number),
                new SeededNoise((ulong)number),
                new byte[SoftChip.TesterSize],
                new FlashGeometry(64, 4096));
        }

        Directory.CreateDirectory(folder.PathTo("tmp"));
        folder.Write("program", ProvisioningBench.Program);
        folder.Write("package", Bench.Sealed.Package);
        folder.Write("order", Bench.Order.Bytes.Span);
        folder.Write("order-key", Bench.OrderKey.Public.Bytes);
        folder.Write("chip-maker-key", TestChips.ChipMaker.Public.Bytes);
        WriteUnlocks();
    }

    /// <summary>Whose package and order they are.</summary>
    public ProvisioningBench Bench { get; }

    /// <summary>The chips' folders.</summary>
    public List<string> Chips { get; } = [];

    public string Folder => folder.PathTo(".");

    public string JournalPath => folder.PathTo("journal");

    public string EventsPath => folder.PathTo("events");

    /// <summary>All that the processes have said so far, on both outputs.</summary>
    public string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    /// <summary>Starts the chip host; it serves all chips when this returns.</summary>
    public async Task<Process> StartChips()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = Start("keywright", ["chip-host", .. Chips], ready.SetResult);
        await ready.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>Starts a run, or resumes it.</summary>
    public Process StartStation(int sockets, params string[] more) => Start(
        "keywright-station",
    [
        "provision", "--json", "--resume", "--sockets", $"{sockets}", "--events", EventsPath, "--dir", Folder,
        "--program", folder.PathTo("program"), "--package", folder.PathTo("package"),
        "--unlock", folder.PathTo("unlock"),
        "--order", folder.PathTo("order"), "--order-key", folder.PathTo("order-key"),
        "--chip-maker-key", folder.PathTo("chip-maker-key"), "--journal", JournalPath, .. more,
        .. Chips.Select(path => Path.Combine(path, "socket")),
    ]);

    /// <summary>All of a process's memory in a file, outside of the folder; the process ends by it.</summary>
    public async Task<string> MemoryOf(Process process)
    {
        var written = DumpsWritten;
        await ExternalProgram.Succeed("sh", "-c", $"kill -ABRT {process.Id}");
        await Until(() => DumpsWritten > written);
        Kill(process);
        return images.PathTo($"{process.Id}");
    }

    /// <summary>As a power cut at the station's computer ends it.</summary>
    public static void Kill(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    public static async Task Until(Func<bool> happened)
    {
        using var impatience = new CancellationTokenSource(Patience);
        while (!happened())
        {
            await Task.Delay(1, impatience.Token);
        }
    }

    /// <summary>
    /// Everything secret here: what the dies may hold in their files, and what no file, output or memory outside
    /// the chips may hold in any case, the assets in clear among them.
    /// </summary>
    public (KnownSecrets OfDies, KnownSecrets OfNoFile) Secrets()
    {
        const int PieceSize = 32;
        const int EveryBytes = 512;
        var (ofDies, ofNoFile) = (new KnownSecrets(), new KnownSecrets());
        var dies = Chips.Select(DieSecrets.Of).ToList();
        dies.ForEach(die => die.AddTo(ofDies));
        dies.ForEach(die => die.AddDerivedTo(ofNoFile));
        var assets = PackageSecrets.AddTo(
            ofNoFile, dies[0], Bench.Sealed.Package, Bench.Keeps, dies.Select(die => die.Chip));
        foreach (var (asset, content) in assets.Where(asset => asset.Asset.Kind == AssetKind.Program))
        {
            for (var at = 0; at < content.Length; at += EveryBytes)
            {
                ofNoFile.Add($"asset {asset.Ref} at {at}", content.AsSpan(at, PieceSize));
            }
        }

        return (ofDies, ofNoFile);
    }

    /// <summary>
    /// Nothing secret lies in any file but in those that stand for dies, and there only what is theirs.
    /// </summary>
    public void NoFileHoldsASecret()
    {
        var (ofDies, ofNoFile) = Secrets();
        Assert.Empty(ofNoFile.FindInFolder(Folder));
        Assert.Empty(ofDies.FindInFolder(Folder, name => Path.GetFileName(name) == "silicon"));
    }

    public void Dispose()
    {
        foreach (var process in started)
        {
            Kill(process);
            process.Dispose();
        }

        folder.Dispose();
        images.Dispose();
    }

    /// <summary>One unlock, or in chip mode a folder with one for each chip.</summary>
    private void WriteUnlocks()
    {
        if (Bench.Mode == PackageMode.Family)
        {
            folder.Write("unlock", Bench.Unlock);
            return;
        }

        var lot = Chips.Select((path, place) => SoftChip.Open(path, new SeededNoise((ulong)place))).ToArray();
        var named = new NamedBench(Bench, lot);
        Directory.CreateDirectory(folder.PathTo("unlock"));
        foreach (var chip in lot)
        {
            folder.Write($"unlock/{chip.Immutable.ChipId}.unlock", named.UnlockFor(chip));
            chip.Dispose();
        }
    }

    private int DumpsWritten => Said.Split("Dump successfully written").Length;

    private Process Start(string program, string[] arguments, Action? firstLine = null)
    {
        var start = new ProcessStartInfo("dotnet", [KeywrightProgram.PathTo(program), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = folder.PathTo("tmp");

        // The runtime writes its memory down when the process is told to abort.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "1";
        start.Environment["DOTNET_DbgMiniDumpType"] = "4";
        start.Environment["DOTNET_DbgMiniDumpName"] = images.PathTo("%p");
        var process = Process.Start(start)!;
        started.Add(process);
        process.OutputDataReceived += (_, line) =>
        {
            Hear(line.Data);
            Interlocked.Exchange(ref firstLine, null)?.Invoke();
        };
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Hear(string? line)
    {
        lock (said)
        {
            said.AppendLine(line);
        }
    }
}
