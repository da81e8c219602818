using System.Text.Json.Nodes;
using Keywright.CommandLine;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>The station's account of a lot (docs/spec/provisioning.md 10.7), and the page that shows it.</summary>
internal static class LotReport
{
    public static JsonObject Account(Order order, Digest digest, LotBook book)
    {
        var account = new JsonObject
        {
            ["id"] = order.Id,
            ["order"] = digest.ToString(),
            ["quota"] = order.Quota,
            ["issued"] = book.Chips.Count,
        };
        foreach (var standing in Enum.GetValues<ChipStanding>())
        {
            account[NameOf(standing)] = book.Count(standing);
        }

        account["returned"] = book.Chips.Count(chip => chip.ReturnedTo is not null);
        account["chips"] = new JsonArray([.. InOrder(book).Select(chip => (JsonNode)Row(chip))]);
        return account;
    }

    public static LotPage Page(Order order, LotBook book) => new()
    {
        Title = $"Lot account of the station, order {order.Id}",
        Facts =
        [
            ("Product", order.Product), ("Factory", order.Factory), ("Chip family", order.Family),
            ("What this is", "what the station says of itself; the OEM compares it with the chips' signed receipts"),
        ],
        Quota = order.Quota,
        Provisioned = book.Count(ChipStanding.Provisioned),
        Failed = book.Count(ChipStanding.Failed),
        Scrapped = book.Count(ChipStanding.Scrapped),
        Open = book.Count(ChipStanding.Open),
        Lists =
        [
            new("Scrapped", "given up on the line; may hold keys unless it had failed", Named(book, ChipStanding.Scrapped)),
            new("Failed", "refused; holds nothing of this order", Named(book, ChipStanding.Failed)),
            new("Open", "begun, and not seen again since", Named(book, ChipStanding.Open)),
        ],
    };

    public static string NameOf(ChipStanding standing) => standing.ToString().ToLowerInvariant();

    private static JsonObject Row(LotChip chip) => new()
    {
        ["chip"] = chip.Chip.ToString(),
        ["standing"] = NameOf(chip.Standing),
        ["serial"] = chip.Serial?.ToString(),
        ["tries"] = chip.Tries,
        ["place"] = chip.Socket,
        ["keys"] = chip.MayHoldKeys,
        ["what"] = chip.ScrappedFor ?? chip.RefusedAs,
        ["returned"] = chip.ReturnedTo,
    };

    private static IReadOnlyList<string> Named(LotBook book, ChipStanding standing) =>
    [
        .. InOrder(book).Where(chip => chip.Standing == standing).Select(chip => string.Join(
            " · ",
            new[]
            {
                chip.Chip.ToString(), chip.Serial?.ToString(), chip.ScrappedFor ?? chip.RefusedAs,
                chip.ReturnedTo is { } whom ? $"given back to {whom}" : null,
            }.Where(text => text is not null))),
    ];

    private static IEnumerable<LotChip> InOrder(LotBook book) =>
        book.Chips.OrderBy(chip => chip.Chip.ToString(), StringComparer.Ordinal);
}
