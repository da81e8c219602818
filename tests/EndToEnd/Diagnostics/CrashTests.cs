using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Keystores.Software;

namespace Keywright.EndToEndTests.Diagnostics;

/// <summary>
/// A program crashes on a device of two owners; device and owners use the command line. What is in clear lies
/// in the test's own folder and goes with it.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private const string Secret = "METER-4711";
    private const int FewIterations = 1000;

    private readonly TemporaryFolder folder = new();

    public CrashTests()
    {
        SoftChip.FabricateIn(
            folder.PathTo("chip"), TestChips.Immutable(7), new SeededNoise(7), new byte[SoftChip.TesterSize]);
        using var world = new TwoOwners(SoftChip.Open(folder.PathTo("chip"), new SeededNoise(8)));
        ChipId = world.Chip.Id.ToString();
        folder.Write("chip.pub", world.Chip.Identity.Bytes);
        folder.Write("passphrase", "a phrase"u8);
        Equip("a", world.A);
        Equip("b", world.B);
    }

    private string ChipId { get; }

    [Fact]
    [Trait("Req", "D02")]
    [Trait("Req", "D05")]
    [Trait("Req", "D06")]
    [Trait("Req", "D07")]
    [Trait("Req", "D08")]
    public async Task The_core_of_a_real_crash_is_read_by_its_owners_gdb_and_by_nobody_elses()
    {
        SystemPackages.Require("gcc", "libc6-dev", "gdb");
        var program = await Build();
        var core = await Crash(program);
        var plain = await File.ReadAllBytesAsync(core, TestContext.Current.CancellationToken);
        Assert.True(plain.AsSpan().IndexOf("METER-4711"u8) > 0);

        await Seal(core);
        File.Delete(core);
        var dump = await File.ReadAllBytesAsync(Dump, TestContext.Current.CancellationToken);
        Assert.Equal(-1, dump.AsSpan().IndexOf("METER-4711"u8));

        var (status, other) = await Open("b");
        Assert.Equal((1, "not-the-recipient"), (status, (string?)other["refused"]));
        Assert.False(Directory.Exists(folder.PathTo("b/dumps")));

        (status, var own) = await Open("a");
        var file = (string)own["segments"]![0]!["file"]!;
        Assert.Equal((0, "for the first time"), (status, (string?)own["seen"]));
        Assert.Equal(plain, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        await GdbSeesTheCrash(program, file);
    }

    [Fact]
    [Trait("Req", "D09")]
    public async Task An_unfinished_dump_and_a_repeated_one_are_told_and_old_dumps_open_after_a_new_key()
    {
        await SealFromPipe(folder.Write("trace", new byte[40_000]));
        var dump = await File.ReadAllBytesAsync(Dump, TestContext.Current.CancellationToken);
        await Keywright(["owner", "new-diagnostics-key", .. Party("a")]);

        await File.WriteAllBytesAsync(Dump, dump[..20_000], TestContext.Current.CancellationToken);
        var (status, cut) = await Open("a");
        Assert.Equal(1, status);
        Assert.StartsWith("unfinished", (string?)cut["state"]);
        Assert.EndsWith(".partial", (string?)cut["segments"]![0]!["file"]);

        await File.WriteAllBytesAsync(Dump, dump, TestContext.Current.CancellationToken);
        (status, var whole) = await Open("a");
        Assert.Equal((0, "DebugRequest"), (status, (string?)whole["trigger"]));
        Assert.EndsWith(".trace", (string?)whole["segments"]![0]!["file"]);
        Assert.StartsWith("again", (string?)(await Open("a")).Report["seen"]);
    }

    public void Dispose() => folder.Dispose();

    private string Dump => folder.PathTo("app.dump");

    private static string Program => Path.Combine(AppContext.BaseDirectory, "keywright.dll");

    private static string Source => Repository.PathTo("examples", "crash", "meter.c");

    private async Task<string> Build()
    {
        var program = folder.PathTo("meter");
        await ExternalProgram.Succeed("gcc", "-g", "-O0", "-o", program, Source);
        return program;
    }

    private async Task<string> Crash(string program)
    {
        var core = folder.PathTo("meter.core");
        var said = await ExternalProgram.Succeed(
            "gdb", "--batch", "-nx", "-ex", "run", "-ex", $"generate-core-file {core}", program);
        Assert.True(File.Exists(core), said);
        return core;
    }

    private static async Task GdbSeesTheCrash(string program, string core)
    {
        var lines = await File.ReadAllLinesAsync(Source);
        var line = Array.FindIndex(lines, each => each.Contains("total_wh +=")) + 1;
        var said = await ExternalProgram.Succeed(
            "gdb", "--batch", "-nx", "-ex", "bt", "-ex", "print serial_number", program, core);
        Assert.Contains("terminated with signal SIGSEGV", said);
        Assert.Matches($@"#0 .* book_reading \(account=0x0, reading_wh=20260712\) .*meter\.c:{line}\b", said);
        Assert.Contains($"$1 = \"{Secret}\"", said);
    }

    private async Task Seal(string content)
    {
        var (status, report) = await Keywright(DeviceDump(content));
        Assert.True(status == 0, report.ToString());
    }

    // As the kernel hands a core to its handler.
    private Task<string> SealFromPipe(string content) => ExternalProgram.Succeed(
        "sh",
        [
            "-c", "cat \"$0\" | dotnet \"$@\"", content, Program,
            .. DeviceDump("-"), "--kind", "trace", "--trigger", "debug-request",
        ]);

    private string[] DeviceDump(string content) =>
    [
        "device", "dump", "--chip", folder.PathTo("chip"), "--owner-key", folder.PathTo("a.pub"),
        "--program", "app", "--content", content, "--out", Dump,
    ];

    private Task<(int Status, JsonNode Report)> Open(string owner) => Keywright(
    [
        "owner", "open-dump", "--dump", Dump, "--chip-id", ChipId, "--identity", folder.PathTo("chip.pub"),
        "--device", "0011223344556677", .. Party(owner),
    ]);

    private string[] Party(string owner) =>
        ["--dir", folder.PathTo(owner), "--passphrase-file", folder.PathTo("passphrase")];

    private static async Task<(int Status, JsonNode Report)> Keywright(params string[] arguments)
    {
        var (status, said) = await ExternalProgram.Run("dotnet", [Program, .. arguments, "--json"]);
        return (status, JsonNode.Parse(said) ?? throw new InvalidOperationException(said));
    }

    private void Equip(string name, ModuleOwner owner)
    {
        Directory.CreateDirectory(folder.PathTo(name));
        folder.Write($"{name}.pub", owner.Signing.Public.Bytes);
        using var passphrase = Passphrase.FromText("a phrase");
        var path = Path.Combine(folder.PathTo(name), "keys.kwk");
        using var file = KeyFile.Create(path, passphrase, new SeededEntropy(9), FewIterations);
        file.Add("diagnostics-1", owner.Diagnostics[0]);
        file.Save();
    }
}
