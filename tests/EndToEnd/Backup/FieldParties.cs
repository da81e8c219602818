using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.EndToEndTests.Provisioning;

namespace Keywright.EndToEndTests.Backup;

/// <summary>
/// Five chips that were provisioned at a factory, counted by their OEM, programmed at a station, and fielded
/// by it; each step by the commands of the parties, in their folders.
/// </summary>
public sealed class FieldParties : IAsyncLifetime
{
    public static readonly string[] Issuer = ["--issuer", "oem/issuer.cose", "--order-key", "oem/order.pub"];

    private readonly ProvisioningParties production = new();

    internal KeywrightProgram Keywright => production.Keywright;

    internal JsonNode Fielded { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await production.InitializeAsync();
        await Keywright.Succeed(ProvisioningParties.Station(["--chips", "chips"]));
        await Keywright.Succeed(ProvisioningParties.Count("2026-1", "station/receipts/2026-1"));
        await SetUpSite();
        await Keywright.Succeed(
            "station", "program", "--dir", "station", "--site", "site", "--device-type", "kettle-a",
            "--order", "oem/orders/2026-1.cose", "--chips", "chips");
        await Keywright.Succeed("directory", "init", "--dir", "directory", "--name", "directory.example/log");
        await Keywright.Succeed(
            "oem", "issuer", "--dir", "oem", "--issuing-key", "site/issuing.pub", "--product", "kettle",
            "--log-key", "directory/log.vkey");
        await Keywright.Succeed(["directory", "admit", "--dir", "directory", .. Issuer]);
        Fielded = await Keywright.Succeed(Field("--chips", "chips"));
    }

    public ValueTask DisposeAsync() => production.DisposeAsync();

    public string PathTo(string name) => production.PathTo(name);

    /// <summary>What the station runs to take chips to the field.</summary>
    public static string[] Field(params string[] chips) =>
    [
        "station", "field", "--dir", "station", "--site", "site", "--directory", "directory", .. Issuer,
        .. chips,
    ];

    /// <summary>The facts of a device as anybody sees them, and the keys in it as nobody else does.</summary>
    internal async Task<(string Facts, byte[] Keys)> Look(string chip)
    {
        var facts = await Keywright.Succeed("device", "identify", "--chip", chip);
        using var silicon = SoftChip.Open(PathTo(chip), new SeededEntropy(1));
        using var state = ChipState.Boot(silicon);
        using var image = state.KeyStore.Image();
        return (facts.ToJsonString(), image.Expose().ToArray());
    }

    /// <summary>Another key in the chip, as a key download brings one.</summary>
    internal void Rekey(string chip)
    {
        using var silicon = SoftChip.Open(PathTo(chip), new SeededEntropy(2));
        using var state = ChipState.Boot(silicon);
        using var draft = state.KeyStore.Draft();
        using var transaction = state.Journal.Begin();
        var handle = new KeyHandle(KeyKind.Application, "1");
        Assert.Null(draft.Put(handle, new KeyAttributes("", "", 1), "an application key"u8));
        Assert.Null(state.KeyStore.Stage(draft, transaction));
        transaction.Commit();
    }

    private async Task SetUpSite()
    {
        await Keywright.Succeed("site", "init", "--dir", "site");
        await Keywright.Succeed(
            "site", "import-chips", "--dir", "site", "--order", "oem/orders/2026-1.cose",
            "--counted", "oem/orders/2026-1.chips.cose", "--order-key", "oem/order.pub");
        await File.WriteAllLinesAsync(
            PathTo("ids.txt"), Enumerable.Range(1, 5).Select(number => $"SN-{number},MAC-{number}"));
        await Keywright.Succeed(
            "site", "add-ids", "--dir", "site", "--product", "kettle", "--list", "ids.txt");
        await Keywright.Succeed(
            "site", "add-bootloader", "--dir", "site", "--product", "kettle", "--device-type", "kettle-a",
            "--version", "1.0", "--sequence", "1",
            "--image", Repository.PathTo("examples", "firmware", "bootloader.hex"),
            "--plan", Repository.PathTo("examples", "firmware", "zones.json"));
        await Keywright.Succeed("station", "init", "--dir", "station");
        await Keywright.Succeed(
            "site", "enrol-station", "--dir", "site", "--name", "line 1", "--factory", "north",
            "--station-key", "station/station.pub", "--out", "line-1.enrolment");
        await Keywright.Succeed(
            "station", "enrol", "--dir", "station", "--enrolment", "line-1.enrolment",
            "--programming-key", "site/programming.pub");
    }
}
