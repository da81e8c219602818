using System.Text.Json.Nodes;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;

namespace Keywright.Cli.Provisioning;

/// <summary>What was really produced under an order, in figures and as a page.</summary>
internal static class CountReport
{
    public static JsonObject Of(
        ReceiptCount count, LotAccount lot, IReadOnlyList<string> receipts, string file) => new()
        {
            ["id"] = count.Order.Content.Id,
            ["order"] = count.Order.Digest.ToString(),
            ["issued"] = lot.Issued,
            ["provisioned"] = lot.Provisioned.Count,
            ["failed"] = lot.Failed.Count,
            ["scrapped"] = lot.Scrapped.Count,
            ["open"] = lot.Open.Count,
            ["returned"] = lot.Failed.Concat(lot.Scrapped).Count(chip => chip.ReturnedTo is not null),
            ["counted before"] = count.Before.Count,
            ["quota"] = count.Order.Content.Quota,
            ["over quota"] = count.OverQuota.Count,
            ["repeated"] = count.Repeated.Count,
            ["refused"] = count.Refused.Count,
            ["counted chips"] = file,
            ["by package"] = new JsonArray([.. count.ByPackage.Select(package => (JsonNode)new JsonObject
        {
            ["package"] = package.Key.ToString(),
            ["chips"] = package.Value,
        })]),
            ["chips over quota"] = Names(count.OverQuota),
            ["chips repeated"] = Names(count.Repeated),
            ["refused receipts"] = new JsonArray([.. count.Refused.Select(refused => (JsonNode)new JsonObject
        {
            ["receipt"] = receipts[refused.Index],
            ["chip"] = refused.Chip?.ToString(),
            ["refused as"] = refused.Refusal.Name,
            ["what"] = refused.Refusal.Detail,
        })]),
            ["contradictions"] = new JsonArray([.. lot.Contradictions.Select(fault => (JsonNode)new JsonObject
        {
            ["chip"] = fault.Chip.ToString(),
            ["what"] = fault.What,
        })]),
        };

    public static LotPage Page(ReceiptCount count, LotAccount lot)
    {
        var order = count.Order.Content;
        return new LotPage
        {
            Title = $"What was made under order {order.Id}",
            Facts =
            [
                ("Product", order.Product), ("Factory", order.Factory), ("Chip family", order.Family),
                ("Lots", string.Join(", ", order.Lots)), ("Order", count.Order.Digest.ToString()),
                ("What this is", "receipts that the chips signed, counted by the OEM, beside what the station says"),
            ],
            Quota = order.Quota,
            Provisioned = lot.Provisioned.Count,
            Failed = lot.Failed.Count,
            Scrapped = lot.Scrapped.Count,
            Open = lot.Open.Count,
            Lists =
            [
                new("More than ordered", "good chips beyond the quota: they are refused at first contact",
                    Rows(count.OverQuota), IsAlarm: true),
                new("Foreign or refused receipts", "these count for nothing; find out where they come from",
                    [.. count.Refused.Select(Told)], IsAlarm: true),
                new("Contradictions", "the station says something else than the chips",
                    [.. lot.Contradictions.Select(fault => $"{fault.Chip} · {fault.What}")], IsAlarm: true),
                new("Duplicates", "a second receipt of a chip: counted once", Rows(count.Repeated)),
                new("Scrapped", "given up on the line; destroy them or have them back", Told(lot.Scrapped)),
                new("Failed", "refused; hold nothing of this order", Told(lot.Failed)),
                new("Open", "begun, and nothing is known since", Rows(lot.Open)),
            ],
        };
    }

    private static JsonArray Names(IEnumerable<ChipId> chips) =>
        [.. chips.Select(chip => JsonValue.Create(chip.ToString()))];

    private static string[] Rows(IEnumerable<ChipId> chips) => [.. chips.Select(chip => chip.ToString())];

    private static string Told(RefusedReceipt refused) =>
        $"{refused.Chip?.ToString() ?? "unreadable"} · {refused.Refusal.Name} · {refused.Refusal.Detail}";

    private static string[] Told(IEnumerable<ClaimedChip> chips) =>
    [
        .. chips.Select(chip => string.Join(" · ", new[]
        {
            chip.Chip.ToString(), chip.Serial, chip.What, chip.ReturnedTo is { } whom ? $"given back to {whom}" : null,
        }.Where(text => text is not null))),
    ];
}
