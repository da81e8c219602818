using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Site.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>What a site knows, for operators and after-sale service: device, report, alerts.</summary>
internal static class AskSite
{
    public static Command Device()
    {
        var id = new Argument<string>("id") { Description = "any of its device IDs, or its chip ID in hex" };
        return SiteCommand.Create(
            "device",
            "looks a device up: what it is, who made it where and when\n\nExample:\n"
            + "  keywright site device --dir site SN-1",
            [id],
            (site, parsed, _) =>
                new LookUpDevice(site.Devices).Find(parsed.GetRequiredValue(id))
                    .Refused(out var device, out var why)
                        ? why
                        : Describe(site, device));
    }

    public static Command Report() => SiteCommand.Create(
        "report",
        "counts orders, factories and stations, and the IDs that wait\n\nExample:\n"
        + "  keywright site report --dir site",
        [],
        (site, _, _) =>
        {
            var orders = site.Chips.Counts();
            var stations = site.Stations.Counts();
            return new JsonObject
            {
                ["orders"] = new JsonArray([.. orders.Select(Describe)]),
                ["factories"] = Factories(orders, stations),
                ["stations"] = new JsonArray([.. stations.Select(Describe)]),
                ["pool"] = new JsonArray(
                [
                    .. orders.Select(each => each.Order.Product).Distinct().Select(product => new JsonObject
                    {
                        ["product"] = product,
                        ["waiting"] = site.Pool.Count(product),
                    }),
                ]),
            };
        });

    public static Command Alerts()
    {
        var count = new Option<int>("--count")
        {
            Description = "how many, the newest first",
            DefaultValueFactory = _ => 20,
        };
        return SiteCommand.Create(
            "alerts",
            "shows what was refused here and why, also what the one who asked was not told\n\nExample:\n"
            + "  keywright site alerts --dir site --count 5",
            [count],
            (site, parsed, _) => new JsonArray(
            [
                .. site.Alerts.Newest(parsed.GetValue(count)).Select(alert => new JsonObject
                {
                    ["at"] = SiteCommand.Time(alert.At),
                    ["reason"] = Refusal.NameOf(alert.Reason),
                    ["detail"] = alert.Detail,
                    ["station"] = alert.Station,
                    ["factory"] = alert.Factory,
                    ["chip"] = alert.Chip?.ToString(),
                    ["device"] = alert.Device?.ToString(),
                }),
            ]));
    }

    private static JsonObject Describe(SiteFolder site, DeviceRecord device) => new()
    {
        ["device"] = device.Devices[0].ToString(),
        ["devices"] = new JsonArray([.. device.Devices.Select(each => JsonValue.Create(each.ToString()))]),
        ["chip"] = device.Chip.ToString(),
        ["product"] = device.Product,
        ["device type"] = device.DeviceType,
        ["order"] = site.Chips.FindOrder(device.Order)!.Name,
        ["station"] = device.Station,
        ["factory"] = device.Factory,
        ["turn"] = device.Turn,
        ["bootloader"] = site.Bootloaders.Find(device.Bootloader)!.Version,
        ["programmed"] = SiteCommand.Time(device.ProgrammedAt),
        ["active"] = SiteCommand.Time(device.ActiveAt),
    };

    private static JsonObject Describe(OrderCount count) => new()
    {
        ["order"] = count.Order.Name,
        ["product"] = count.Order.Product,
        ["factory"] = count.Order.Factory,
        ["ordered"] = count.Order.Quota,
        ["produced"] = count.Provisioned,
        ["programmed"] = count.Programmed,
        ["active"] = count.Active,
    };

    private static JsonObject Describe(StationCount count) => new()
    {
        ["station"] = count.Station.Name,
        ["factory"] = count.Station.Factory,
        ["devices"] = count.Devices,
        ["next turn"] = count.Station.NextTurn,
        ["enrolled"] = SiteCommand.Time(count.Station.EnrolledAt),
        ["revoked"] = SiteCommand.Time(count.Station.RevokedAt),
    };

    private static JsonArray Factories(
        IReadOnlyList<OrderCount> orders, IReadOnlyList<StationCount> stations) =>
    [
        .. orders.Select(each => each.Order.Factory).Concat(stations.Select(each => each.Station.Factory))
            .Distinct().Order(StringComparer.Ordinal).Select(factory =>
            {
                var here = orders.Where(each => each.Order.Factory == factory).ToList();
                return new JsonObject
                {
                    ["factory"] = factory,
                    ["stations"] = stations.Count(each => each.Station.Factory == factory),
                    ["orders"] = here.Count,
                    ["ordered"] = here.Sum(each => (long)each.Order.Quota),
                    ["produced"] = here.Sum(each => each.Provisioned),
                    ["programmed"] = here.Sum(each => each.Programmed),
                    ["active"] = here.Sum(each => each.Active),
                };
            }),
    ];
}
