using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Provisioning;
using Keywright.Site.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>What a site must have before it makes devices: counted chips, device IDs, a bootloader.</summary>
internal static class FillSite
{
    private static readonly Option<string> Product = SiteCommand.Required<string>(
        "--product", "the product, as in its orders");

    public static Command ImportChips()
    {
        var order = SiteCommand.Existing("--order", "the OEM's signed order");
        var orderKey = PartyFolder.FileOption(
            "--order-key", "the OEM's public order key, 65 bytes", FileNames.OrderKey);
        var counted = SiteCommand.Existing("--counted", "the chips that the OEM counted under it, signed");
        return SiteCommand.Create(
            "import-chips",
            "learns an order and the chips that were counted under it; no other chip becomes a device"
            + "\n\nExample:\n  keywright site import-chips --dir site --order oem/orders/2026-1.cose "
            + "--counted oem/orders/2026-1.chips.cose --order-key oem/order.pub",
            [order, orderKey, counted],
            (site, parsed, session) =>
            {
                var folder = new PartyFolder(parsed.GetRequiredValue(SiteFolder.Dir));
                var keyPath = folder.PathTo(parsed.GetValue(orderKey), FileNames.OrderKey);
                if (PublicFile.ReadKey(keyPath).Refused(out var key, out var why)
                    || Message.Parse<Order>(Bytes(parsed, order)).Refused(out var unverified, out why)
                    || unverified.VerifySignature(key).Refused(out var verified, out why)
                    || CountedChips.Verify(Bytes(parsed, counted), verified.Digest, key)
                        .Refused(out var chips, out why)
                    || new ImportChips(site.Chips, site.Alerts, session.Clock).Import(verified, chips)
                        .Refused(out var added, out why))
                {
                    return why;
                }

                return new JsonObject
                {
                    ["order"] = verified.Content.Id,
                    ["product"] = verified.Content.Product,
                    ["factory"] = verified.Content.Factory,
                    ["ordered"] = verified.Content.Quota,
                    ["counted"] = chips.Content.Chips.Count,
                    ["new"] = added,
                };
            });
    }

    public static Command AddIds()
    {
        var list = SiteCommand.Existing(
            "--list", "one device a line: its IDs with commas between them, the identity first");
        return SiteCommand.Create(
            "add-ids",
            "puts device IDs into the pool, all or none; no ID is ever issued twice\n\nExample:\n"
            + "  keywright site add-ids --dir site --product pump --list ids.txt",
            [Product, list],
            (site, parsed, _) =>
            {
                var product = parsed.GetRequiredValue(Product);
                if (ReadSets(parsed.GetRequiredValue(list)).Refused(out var sets, out var why))
                {
                    return why;
                }

                return new AddDeviceIds(site.Pool).Add(product, sets) is { } refused
                    ? refused
                    : new JsonObject
                    {
                        ["product"] = product,
                        ["added"] = sets.Count,
                        ["waiting"] = site.Pool.Count(product),
                    };
            });
    }

    public static Command AddBootloader()
    {
        var deviceType = SiteCommand.Required<string>("--device-type", "what it makes of a chip");
        var version = SiteCommand.Required<string>("--version", "its version, for people");
        var sequence = SiteCommand.Required<ulong>("--sequence", "orders versions: the highest is used");
        var image = SiteCommand.Existing("--image", "the program file, with room for IDs and key");
        var plan = SiteCommand.Existing("--plan", "where in it IDs, key and check values go, as JSON");
        var baseAddress = new Option<uint?>("--base-address")
        {
            Description = "where the image begins, if it is raw bytes; else it is Intel HEX, S-record or ELF",
        };
        return SiteCommand.Create(
            "add-bootloader",
            "puts a bootloader into the archive: the one for new devices of its type from now on"
            + "\n\nExample:\n  keywright site add-bootloader --dir site --product pump --device-type pump-a "
            + "--version 1.0 --sequence 1 --image bootloader.hex --plan zones.json",
            [Product, deviceType, version, sequence, image, plan, baseAddress],
            (site, parsed, session) =>
            {
                var encoding = parsed.GetValue(baseAddress) is { } at ? ImageEncoding.Raw(at) : ImageEncoding.Hex;
                var bootloader = new BootloaderVersion(
                    parsed.GetRequiredValue(Product),
                    parsed.GetRequiredValue(deviceType),
                    parsed.GetRequiredValue(version),
                    parsed.GetRequiredValue(sequence),
                    encoding);
                if (AsKept(encoding, Bytes(parsed, image)).Refused(out var kept, out var why)
                    || new AddBootloader(site.Bootloaders, session.Entropy, session.Clock)
                        .Add(bootloader, kept, Bytes(parsed, plan))
                        .Refused(out var entry, out why))
                {
                    return why;
                }

                return new JsonObject
                {
                    ["product"] = entry.Product,
                    ["device type"] = entry.DeviceType,
                    ["version"] = entry.Version,
                    ["sequence"] = entry.Sequence,
                    ["image"] = entry.Image.ToString(),
                    ["plan"] = entry.Plan.ToString(),
                };
            });
    }

    private static Outcome<byte[]> AsKept(ImageEncoding encoding, byte[] image) =>
        encoding == ImageEncoding.Hex ? ImageEncoding.HexOf(image) : image;

    private static byte[] Bytes(ParseResult parsed, Option<FileInfo> file) =>
        File.ReadAllBytes(parsed.GetRequiredValue(file).FullName);

    private static Outcome<List<IdentitySet>> ReadSets(FileInfo list)
    {
        var sets = new List<IdentitySet>();
        var number = 0;
        foreach (var line in File.ReadLines(list.FullName).Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            var devices = new List<DeviceId>();
            foreach (var text in line.Split(',', StringSplitOptions.TrimEntries))
            {
                if (DeviceId.Parse(text).Refused(out var device, out var why))
                {
                    return why with { Detail = $"{list.Name}, line {number}: {why.Detail}" };
                }

                devices.Add(device);
            }

            sets.Add(new IdentitySet(devices));
        }

        return sets;
    }
}
