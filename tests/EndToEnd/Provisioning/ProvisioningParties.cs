using System.Text.Json.Nodes;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>
/// Chip maker, OEM and station as they stand when production begins, each in its folder. Chips: five of lot
/// 1, one of lot 2 that stays blank, two of lot 3, and lot 9, whose first is the OEM's provisioning chip.
/// </summary>
public sealed class ProvisioningParties : IAsyncLifetime
{
    public static readonly byte[] Key = Secret("key");
    public static readonly byte[] TransportKey = Secret("transport");
    public static readonly byte[] Seed = Secret("seed");

    private readonly TemporaryFolder folder = new();

    internal KeywrightProgram Keywright => new(folder.PathTo("."));

    /// <summary>The factory's own program, without a passphrase: it needs none.</summary>
    internal KeywrightProgram FactoryTool => new(folder.PathTo("."), passphrase: "", "keywright-station");

    /// <summary>A chip that every attack finds blank.</summary>
    public const string Blank = "blank/001";

    public async ValueTask InitializeAsync()
    {
        WriteAssets();
        await Keywright.Succeed("chipmaker", "init", "--dir", "chipmaker", "--family", "otter 1");
        await Keywright.Succeed("chipmaker", "sign-program", "--dir", "chipmaker");
        await Fabricate("1", "5", "chips");
        await Fabricate("2", "1", "blank");
        await Fabricate("3", "2", "more");
        await Fabricate("9", "2", "other");
        await Keywright.Succeed("oem", "init", "--dir", "oem");
        await Seal("oem", "kettle-1");
        await Seal("oem", "kettle-2");
        await Order("2026-1", "1,2", "100");
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    public string PathTo(string name) => folder.PathTo(name);

    internal Task<JsonNode> Fabricate(string lot, string count, string chips) => Keywright.Succeed(
        "chipmaker", "fabricate", "--dir", "chipmaker", "--lot", lot, "--count", count, "--chips", chips);

    internal Task<JsonNode> Seal(string oem, string name, string suite = "gcm") => Keywright.Succeed(
        "oem", "seal", "--dir", oem, "--name", name, "--chip", "other/001", "--assets", "safe/assets.json",
        "--suite", suite, "--program", "chipmaker/program.cose", "--chip-maker-key", "chipmaker/chipmaker.pub");

    internal Task<JsonNode> Order(string id, string lots, string quota, string package = "kettle-1") => Keywright.Succeed(
        "oem", "order", "--dir", "oem", "--id", id, "--product", "kettle", "--factory", "north",
        "--lots", lots, "--quota", quota, "--package", package);

    /// <summary>What a factory that keeps no rules gives to one chip.</summary>
    public static string[] Alone(
        string chip, string? package = null, string? program = null, string order = "2026-1") =>
    [
        "device", "provision", "--chip", chip, .. Files(package, program, order),
        "--unlock", $"{Path.ChangeExtension(package ?? GenuinePackage, null)}.unlock",
    ];

    /// <summary>What a station runs.</summary>
    public static string[] Station(
        string[] chips, string? package = null, string? program = null, string order = "2026-1") =>
    [
        "station", "provision", "--dir", "station", .. chips, .. Files(package, program, order),
        "--unlock", $"{Path.ChangeExtension(package ?? GenuinePackage, null)}.unlock",
        "--chip-maker-key", "chipmaker/chipmaker.pub",
    ];

    /// <summary>What the OEM runs afterwards.</summary>
    public static string[] Count(string order, string receipts) =>
    [
        "oem", "count", "--dir", "oem", "--order", order, "--lists", "chipmaker/lots", "--receipts", receipts,
        "--chip-maker-key", "chipmaker/chipmaker.pub",
    ];

    /// <summary>A copy of a file, and of the unlock beside it, with one bit changed.</summary>
    public string Changed(string name, Func<byte[], int> where)
    {
        var bytes = File.ReadAllBytes(PathTo(name));
        bytes[where(bytes)] ^= 1;
        var copy = Path.Combine(Path.GetDirectoryName(name)!, $"changed{Path.GetExtension(name)}");
        File.WriteAllBytes(PathTo(copy), bytes);
        var unlock = Path.ChangeExtension(name, ".unlock");
        if (File.Exists(PathTo(unlock)))
        {
            File.Copy(PathTo(unlock), PathTo(Path.ChangeExtension(copy, ".unlock")), overwrite: true);
        }

        return copy;
    }

    private const string GenuinePackage = "oem/packages/kettle-1.package";

    private static string[] Files(string? package, string? program, string order) =>
    [
        "--package", package ?? GenuinePackage,
        "--program", program ?? "chipmaker/program.cose",
        "--order", $"oem/orders/{order}.cose",
        "--order-key", "oem/order.pub",
    ];

    private static byte[] Secret(string name) => ProvisioningBench.Bytes($"secret {name}", 32);

    private void WriteAssets()
    {
        Directory.CreateDirectory(PathTo("safe"));
        File.WriteAllBytes(PathTo("safe/main.key"), Key);
        File.WriteAllBytes(PathTo("safe/app.bin"), ProvisioningBench.Bytes("app", 3000));
        File.WriteAllText(PathTo("safe/assets.json"), $$"""
            [
              // Secrets of any lot.
              { "ref": 1, "kind": "key", "file": "main.key" },
              { "ref": 2, "kind": "key", "storage": "transport-key", "hex": "{{Convert.ToHexString(TransportKey)}}" },
              { "ref": 3, "kind": "seed", "hex": "{{Convert.ToHexString(Seed)}}" },
              { "ref": 4, "generate": 32 },
              { "ref": 8, "kind": "program", "file": "app.bin" },
              { "ref": 9, "kind": "configuration", "hex": "c0ffee" },
            ]
            """);
    }
}
