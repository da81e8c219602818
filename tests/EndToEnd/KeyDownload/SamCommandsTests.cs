using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol.KeyDownload;
using Keywright.TestSupport;

namespace Keywright.EndToEndTests.KeyDownload;

/// <summary>
/// The commands as people type them: a SAM in one folder, units in others, files carried between.
/// </summary>
public sealed class SamCommandsTests : IDisposable
{
    private static readonly byte[] Transport = [.. Enumerable.Range(0, 16).Select(i => (byte)(i + 100))];

    private readonly TemporaryFolder folder = new();
    private readonly string[] common;

    public SamCommandsTests()
    {
        folder.Write("passphrase", "correct horse"u8);
        folder.Write("transport.key", Transport);
        common = ["--json", "--passphrase-file", folder.PathTo("passphrase")];
        for (var number = 1; number <= 3; number++)
        {
            MakeUnit(number);
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Req", "S04")]
    [Trait("Req", "S05")]
    [Trait("Req", "S06")]
    [Trait("Req", "S09")]
    public async Task A_key_goes_to_one_unit_by_files_and_then_to_the_whole_set()
    {
        string[] init = ["init", "--transport-key", folder.PathTo("transport.key")];
        Assert.Equal("bad-seal", await RefusedSam([.. init, "--passphrase-file", folder.Write("empty", [])]));
        await Sam(init);
        await Sam("create-key", "--ref1", "5", "--ref2", "1", "--ceiling", "2");
        Assert.Equal(3, (int)(await Sam("add-units", "--chips", folder.PathTo("chips")))["units"]!);

        var (request, import) = (folder.PathTo("request"), folder.PathTo("import"));
        var ack = folder.PathTo("ack");
        string[] challenge = ["device", "challenge", "--chip", Unit(1), "--ref1", "5", "--out", request];
        string[] bring = ["device", "import-key", "--chip", Unit(1), "--in", import, "--out", ack];
        string[] export = ["export", "--in", request, "--out", import];
        await Succeed(challenge);
        Assert.Equal("not-authorised", await RefusedSam(export));
        Assert.Equal(
            "unknown-application-key", await RefusedSam(["authorise", "--operator", "Ada", "--ref1", "77"]));
        Assert.Equal("not-authorised", await RefusedSam(export));
        string[] wrong = ["add-units", "--list", folder.Write("wrong", "5ecbe7zz\n"u8)];
        Assert.Equal("malformed", await RefusedSam(wrong));
        await Sam("authorise", "--operator", "Ada");
        await Sam(export);
        await Succeed(bring);
        Assert.True((bool)(await Sam("confirm", "--in", ack))["acknowledged"]!);

        await Succeed(challenge);
        Assert.Equal("bad-key-block", await Refused(bring));

        string[] set = ["download-set", "--ref1", "5", "--chips", folder.PathTo("chips")];
        Assert.Equal(2, (int)(await Run(1, InSam(set)))["acknowledged"]!);
        await Sam("authorise", "--ref1", "5", "--ceiling", "9");
        Assert.Equal(3, (int)(await Sam(set))["acknowledged"]!);
        var report = await Sam("report", "--ref1", "5");
        string[] counts = ["exported", "acknowledged", "missing"];
        Assert.Equal([3, 3, 0], counts.Select(name => (int)report[name]!));
    }

    [Fact]
    public async Task A_slot_table_is_written_as_units_read_it()
    {
        var table = folder.PathTo("slots.cbor");
        await Succeed("sam", "slot-table", "--slot", "1:D0:B:1", "4096:M6:C:7", "--out", table);
        var bytes = await File.ReadAllBytesAsync(table, TestContext.Current.CancellationToken);
        var read = SlotTable.Parse(bytes).OrThrow();
        Assert.Equal([new KeySlot(1, "D0", 'B', 1), new KeySlot(4096, "M6", 'C', 7)], read.Slots);
        Assert.Equal("malformed", await Refused("sam", "slot-table", "--slot", "1:D0:B", "--out", table));
    }

    private void MakeUnit(int number)
    {
        var path = Unit(number);
        var noise = new SeededNoise((ulong)number);
        SoftChip.FabricateIn(path, TestChips.Immutable((ulong)number), noise, new byte[SoftChip.TesterSize]);
        using var silicon = SoftChip.Open(path, new SeededNoise(9));
        using var chip = ChipState.Boot(silicon);
        using var draft = chip.KeyStore.Draft();
        using var transaction = chip.Journal.Begin();
        var handle = new KeyHandle(KeyKind.Provisioned, "7");
        Assert.Null(draft.Put(handle, new KeyAttributes("transport", "", 1), Transport));
        Assert.Null(chip.KeyStore.Stage(draft, transaction));
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
        transaction.Commit();
    }

    private string Unit(int number) => folder.PathTo(Path.Combine("chips", $"{number:D3}"));

    private string[] InSam(string[] arguments) => ["sam", .. arguments, "--dir", folder.PathTo("sam")];

    private Task<JsonNode> Sam(params string[] arguments) => Succeed(InSam(arguments));

    private Task<string> RefusedSam(string[] arguments) => Refused(InSam(arguments));

    private Task<JsonNode> Succeed(params string[] arguments) => Run(0, arguments);

    private async Task<string> Refused(params string[] arguments) =>
        (string)(await Run(1, arguments))["refused"]!;

    private async Task<JsonNode> Run(int status, string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "keywright");
        string[] secret = arguments.Contains(common[^2]) ? [] : common[^2..];
        var (exit, said) = await ExternalProgram.Run(program, [.. arguments, common[0], .. secret]);
        Assert.True(exit == status, $"{string.Join(' ', arguments)} gave {exit}: {said}");
        return JsonNode.Parse(said)!;
    }
}
