using System.Text.Json.Nodes;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>A lot whose package only its own chips can open, as the parties type it.</summary>
[Trait("Req", "P15")]
public sealed class NamedChipsStoryTests(ProvisioningParties parties) : IClassFixture<ProvisioningParties>
{
    private static readonly string[] Maker =
        ["--program", "chipmaker/program.cose", "--chip-maker-key", "chipmaker/chipmaker.pub"];

    private KeywrightProgram Keywright => parties.Keywright;

    [Fact]
    public async Task A_lot_is_sealed_then_named_then_provisioned_chip_by_chip()
    {
        await parties.Fabricate("51", "3", "lot51");
        var made = await Seal("kettle-51");
        Assert.Equal("chip", (string?)made["mode"]);
        Assert.Null(made["unlock file"]);
        Assert.Equal("chip", (string?)(await parties.Order("2026-51", "51", "3", "kettle-51"))["mode"]);

        var first = await ChipId("lot51/001");
        Assert.Equal(1, (int)(await Unlock("kettle-51", "51", "--chip-id", first))["made"]!);
        var rehearsed = await Station("lot51", "51", "--dry-run");
        Assert.Equal((1, 2), ((int)rehearsed.Said["ready"]!, (int)rehearsed.Said["refused"]!));

        // The others wait for their unlocks; they have no part in the quota until then.
        var one = await Station("lot51", "51");
        Assert.Equal((1, 1), (one.ExitCode, (int)one.Said["provisioned"]!));
        Assert.Equal(1, (int)one.Said["issued"]!);
        Assert.Equal(
            ["unlock-mismatch", "unlock-mismatch"],
            one.Said["chips"]!.AsArray().Select(chip => (string?)chip!["refused as"]).OfType<string>());

        var rest = await Unlock("kettle-51", "51");
        Assert.Equal((2, 1), ((int)rest["made"]!, (int)rest["there before"]!));
        var all = await Station("lot51", "51", "--resume", "--sockets", "2");
        Assert.Equal((0, 2, 3), (all.ExitCode, (int)all.Said["provisioned"]!, (int)all.Said["receipts"]!));

        var count = await Keywright.Succeed(ProvisioningParties.Count("2026-51", "station/receipts/2026-51"));
        Assert.Equal(3, (int)count["provisioned"]!);
    }

    [Fact]
    public async Task An_unlock_serves_its_chip_and_its_package_alone()
    {
        await parties.Fabricate("52", "2", "lot52");
        await Seal("kettle-52");
        await Seal("kettle-53");
        await parties.Order("2026-52", "52", "9", "kettle-52");
        await Unlock("kettle-52", "52");
        await Unlock("kettle-53", "52");
        var (first, second) = (await ChipId("lot52/001"), await ChipId("lot52/002"));

        await Keywright.Refuse("unlock-mismatch", Alone($"kettle-52.unlocks/{second}.unlock"));
        await Keywright.Refuse("unlock-mismatch", Alone($"kettle-53.unlocks/{first}.unlock"));
        await Keywright.Refuse("unlock-mismatch", Alone("kettle-1.unlock"));
        await Keywright.Succeed(Alone($"kettle-52.unlocks/{first}.unlock"));
    }

    [Fact]
    public async Task A_chip_is_named_by_its_makers_list_and_nobody_elses()
    {
        await parties.Fabricate("54", "1", "lot54");
        await Seal("kettle-54");
        await Keywright.Succeed("chipmaker", "init", "--dir", "pirate", "--family", "otter 1");
        await Keywright.Succeed(
            "chipmaker", "fabricate", "--dir", "pirate", "--lot", "54", "--count", "1", "--chips", "soft");

        await Keywright.Refuse("bad-signature", Unlocking("kettle-54", "pirate/lots/54.list.cose"));
        await Keywright.Refuse(
            "bad-proof",
            [.. Unlocking("kettle-54", "chipmaker/lots/54.list.cose"), "--leaves", "pirate/lots/54.leaves"]);
        await Keywright.Refuse(
            "unknown-chip",
            [
                .. Unlocking("kettle-54", "chipmaker/lots/54.list.cose"), "--chip-id", await ChipId("blank/001"),
            ]);
        await Keywright.Refuse("unlock-mismatch", Unlocking("kettle-1", "chipmaker/lots/54.list.cose"));
        Assert.False(Directory.Exists(parties.PathTo("oem/packages/kettle-54.unlocks")));
    }

    [Fact]
    [Trait("Req", "P10")]
    public async Task A_package_that_is_sealed_again_stays_in_its_mode_and_takes_the_same_halves()
    {
        await parties.Fabricate("55", "1", "lot55");
        await Seal("kettle-55");
        var again = await Keywright.Succeed(
        [
            "oem", "regenerate", "--dir", "oem", "--from", "kettle-55", "--name", "kettle-56", "--chip", "other/001",
            "--assets", "safe/assets.json", .. Maker,
        ]);
        Assert.Equal("chip", (string?)again["mode"]);
        await parties.Order("2026-55", "55", "1", "kettle-56");
        await Unlock("kettle-56", "55", "--from", "kettle-55");

        var made = await StationOf("kettle-56", "lot55", "55");
        Assert.Equal((0, 1), (made.ExitCode, (int)made.Said["provisioned"]!));
    }

    private async Task<string> ChipId(string chip) =>
        (string)(await Keywright.Succeed("device", "identify", "--chip", chip))["chip"]!;

    private Task<JsonNode> Seal(string name) => Keywright.Succeed(
    [
        "oem", "seal", "--dir", "oem", "--name", name, "--mode", "chip", "--chip", "other/001", "--assets",
        "safe/assets.json", .. Maker,
    ]);

    private static string[] Unlocking(string package, string list) =>
        ["oem", "unlock", "--dir", "oem", "--package", package, "--chip-list", list, "--chip", "other/001", .. Maker];

    private Task<JsonNode> Unlock(string package, string lot, params string[] more) =>
        Keywright.Succeed([.. Unlocking(package, $"chipmaker/lots/{lot}.list.cose"), .. more]);

    private Task<(int ExitCode, JsonNode Said)> Station(string chips, string lot, params string[] more) =>
        StationOf($"kettle-{lot}", chips, lot, more);

    private Task<(int ExitCode, JsonNode Said)> StationOf(
        string package, string chips, string lot, params string[] more) => parties.FactoryTool.Run(
    [
        "provision", "--dir", "station", "--chips", chips, "--package", $"oem/packages/{package}.package",
        "--order", $"oem/orders/2026-{lot}.cose", "--order-key", "oem/order.pub", .. Maker, .. more,
    ]);

    private static string[] Alone(string unlock) =>
    [
        "device", "provision", "--chip", "lot52/001", "--package", "oem/packages/kettle-52.package", "--unlock",
        $"oem/packages/{unlock}", "--program", "chipmaker/program.cose", "--order", "oem/orders/2026-52.cose",
        "--order-key", "oem/order.pub",
    ];
}
