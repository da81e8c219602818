using System.Text.Json.Nodes;

namespace Keywright.EndToEndTests.Firmware;

/// <summary>
/// A site and station S1 as they stand when first programming begins, each in its folder. All chips are
/// provisioned under one order: three for the line, three to try things with, two for a line that stops, and
/// ten whose receipts never reached the OEM.
/// </summary>
public sealed class ProgrammingParties : IAsyncLifetime
{
    public const string Order = "oem/orders/2026-1.cose";
    public const string Factory = "north";
    public const int IdCount = 9;
    private const string Product = "pump";

    private static readonly string Firmware = Repository.PathTo("examples", "firmware");

    private readonly TemporaryFolder folder = new();

    internal KeywrightProgram Keywright => new(folder.PathTo("."));

    public async ValueTask InitializeAsync()
    {
        await ProvisionChips();
        await SetUpSite("site");
        await AddIds("site", IdCount);
        await Enrol("site", "station", "S1");
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    public string PathTo(string name) => folder.PathTo(name);

    /// <summary>What a station runs for one chip or for a folder of them.</summary>
    public static string[] Program(string station, string way, string where, params string[] chips) =>
    [
        "station", "program", "--dir", station, way, where, "--device-type", "pump-a", "--order", Order,
        .. chips,
    ];

    /// <summary>A site that knows the order, its counted chips and a bootloader.</summary>
    internal async Task SetUpSite(string site)
    {
        await Keywright.Succeed("site", "init", "--dir", site);
        await Keywright.Succeed(
            "site", "import-chips", "--dir", site, "--order", Order, "--order-key", "oem/order.pub",
            "--counted", "oem/orders/2026-1.chips.cose");
        await Keywright.Succeed(
            "site", "add-bootloader", "--dir", site, "--product", Product, "--device-type", "pump-a",
            "--version", "1.0", "--sequence", "1", "--image", Path.Combine(Firmware, "bootloader.hex"),
            "--plan", Path.Combine(Firmware, "zones.json"));
    }

    /// <summary>Puts IDs SN-n, each with an IMEI beside it, into the pool.</summary>
    internal Task<JsonNode> AddIds(string site, int count)
    {
        File.WriteAllLines(
            PathTo("ids.txt"), Enumerable.Range(1, count).Select(n => $"SN-{n}, 49015420323{n:D4}"));
        return Keywright.Succeed("site", "add-ids", "--dir", site, "--product", Product, "--list", "ids.txt");
    }

    /// <summary>Makes a folder a station of a site.</summary>
    internal async Task Enrol(string site, string station, string name)
    {
        await Keywright.Succeed("station", "init", "--dir", station);
        await Keywright.Succeed(
            "site", "enrol-station", "--dir", site, "--name", name, "--factory", Factory,
            "--station-key", $"{station}/station.pub", "--out", $"{name}.enrolment");
        await Keywright.Succeed(
            "station", "enrol", "--dir", station, "--enrolment", $"{name}.enrolment",
            "--programming-key", $"{site}/programming.pub");
    }

    private async Task ProvisionChips()
    {
        File.WriteAllText(PathTo("assets.json"), """[{ "ref": 1, "generate": 32 }]""");
        await Keywright.Succeed("chipmaker", "init", "--dir", "chipmaker", "--family", "otter");
        await Keywright.Succeed("chipmaker", "sign-program", "--dir", "chipmaker");
        await Fabricate("1", "3", "chips");
        await Fabricate("2", "3", "spare");
        await Fabricate("3", "2", "two");
        await Fabricate("4", "10", "uncounted");
        await Fabricate("9", "1", "other");
        await Keywright.Succeed("oem", "init", "--dir", "oem");
        await Keywright.Succeed(
            "oem", "seal", "--dir", "oem", "--name", "pump", "--chip", "other/001", "--assets", "assets.json",
            "--program", "chipmaker/program.cose", "--chip-maker-key", "chipmaker/chipmaker.pub");
        await Keywright.Succeed(
            "oem", "order", "--dir", "oem", "--id", "2026-1", "--product", Product, "--factory", Factory,
            "--lots", "1,2,3,4", "--quota", "100", "--package", "pump");
        await Provision("station", "chips");
        await Provision("station", "spare");
        await Provision("station", "two");
        await Provision("elsewhere", "uncounted");
        await Keywright.Succeed(
            "oem", "count", "--dir", "oem", "--order", "2026-1", "--lists", "chipmaker/lots",
            "--receipts", "station/receipts/2026-1", "--chip-maker-key", "chipmaker/chipmaker.pub");
    }

    private Task<JsonNode> Fabricate(string lot, string count, string chips) => Keywright.Succeed(
        "chipmaker", "fabricate", "--dir", "chipmaker", "--lot", lot, "--count", count, "--chips", chips);

    private Task<JsonNode> Provision(string station, string chips) => Keywright.Succeed(
        "station", "provision", "--dir", station, "--chips", chips, "--journal", $"{chips}.journal",
        "--package", "oem/packages/pump.package", "--unlock", "oem/packages/pump.unlock",
        "--program", "chipmaker/program.cose", "--chip-maker-key", "chipmaker/chipmaker.pub",
        "--order", Order, "--order-key", "oem/order.pub");
}
