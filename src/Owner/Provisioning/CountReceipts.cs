using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>
/// A receipt that was looked at: the place in the pile, the chip that it claims, and why it does not count.
/// </summary>
public sealed record RefusedReceipt(int Index, ChipId? Chip, Refusal Refusal);

/// <summary>
/// What was really produced. <see cref="Issued"/> is the count of distinct good chips; those above the quota
/// are good receipts too, and named in <see cref="OverQuota"/>. A chip seen again is in <see
/// cref="Repeated"/> and counts once.
/// </summary>
public sealed record ReceiptCount(
    Verified<Order> Order,
    IReadOnlyList<Verified<Receipt>> Good,
    IReadOnlyList<ChipId> OverQuota,
    IReadOnlyList<ChipId> Repeated,
    IReadOnlyList<RefusedReceipt> Refused)
{
    /// <summary>The chips that an earlier count told the site; they stay counted.</summary>
    public IReadOnlyList<ChipLeaf> Before { get; init; } = [];

    /// <summary>Distinct good chips, those counted before among them.</summary>
    public int Issued => Good.Select(good => good.Content.Chip).Union(Before.Select(leaf => leaf.Chip)).Count();

    /// <summary>How many chips each package of the order went into.</summary>
    public IReadOnlyDictionary<Digest, int> ByPackage =>
        Order.Content.Packages.ToDictionary(
            package => package, package => Good.Count(good => good.Content.Package == package));
}

/// <summary>
/// The OEM counts the receipts of an order against its quota (docs/spec/provisioning.md §8).
/// </summary>
public static class CountReceipts
{
    private const uint Provisioned = 1;

    /// <summary>
    /// Takes the receipts as they come, after the chips that were counted before; judges every one by
    /// itself. Each refused one is named: those of any message, UnknownChip (not in a chip list),
    /// ForeignReceipt (not signed by the listed chip, or for another order), ForeignPackage, WrongLot,
    /// WrongLifecycle (debug port open, or never locked).
    /// </summary>
    public static ReceiptCount Run(
        Verified<Order> order,
        IReadOnlyList<ListedChips> lists,
        IEnumerable<ReadOnlyMemory<byte>> receipts,
        CountedChips? before = null)
    {
        var counted = before?.Chips ?? [];
        var good = new OrderedDictionary<ChipId, Verified<Receipt>>();
        var repeated = new List<ChipId>();
        var refused = new List<RefusedReceipt>();
        var index = 0;
        foreach (var bytes in receipts)
        {
            if (Judge(order, lists, bytes).Refused(out var receipt, out var why))
            {
                var claimed = Message.Parse<Receipt>(bytes).Refused(out var parsed, out _)
                    ? (ChipId?)null
                    : parsed.Claimed.Chip;
                refused.Add(new RefusedReceipt(index, claimed, why));
            }
            else if (!good.TryAdd(receipt.Content.Chip, receipt))
            {
                repeated.Add(receipt.Content.Chip);
            }

            index++;
        }

        var quota = (int)Math.Min(order.Content.Quota, int.MaxValue);
        var over = counted.Select(leaf => leaf.Chip).Union(good.Keys).Skip(quota).ToList();
        return new ReceiptCount(order, [.. good.Values], over, repeated, refused) { Before = counted };
    }

    private static Outcome<Verified<Receipt>> Judge(
        Verified<Order> order, IReadOnlyList<ListedChips> lists, ReadOnlyMemory<byte> bytes)
    {
        if (Message.Parse<Receipt>(bytes).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        var claimed = parsed.Claimed;
        var list = lists.FirstOrDefault(chips => chips.Find(claimed.Chip) is not null);
        if (list?.Find(claimed.Chip) is not { } leaf)
        {
            return new Refusal(Reason.UnknownChip, $"chip {claimed.Chip} is in no chip list");
        }

        if (parsed.VerifySignature(leaf.Identity).Refused(out var receipt, out _))
        {
            return new Refusal(Reason.ForeignReceipt, $"not signed by chip {claimed.Chip}");
        }

        if (!claimed.Identity.Equals(leaf.Identity) || !claimed.Kem.Equals(leaf.Kem))
        {
            return new Refusal(Reason.ForeignReceipt, $"chip {claimed.Chip} names other keys than its list");
        }

        return JudgeContent(order, list.List, claimed) is { } why ? why : receipt;
    }

    private static Refusal? JudgeContent(Verified<Order> order, ChipList list, Receipt receipt) =>
        receipt.Order != order.Digest
            ? new Refusal(Reason.ForeignReceipt, $"chip {receipt.Chip} was made under another order") :
        list.Family != order.Content.Family
            ? new Refusal(Reason.WrongFamily, $"chip {receipt.Chip} is of {list.Family}") :
        !order.Content.Lots.Contains(list.Lot)
            ? new Refusal(Reason.WrongLot, $"chip {receipt.Chip} is of lot {list.Lot}") :
        !order.Content.Packages.Contains(receipt.Package)
            ? new Refusal(Reason.ForeignPackage, $"chip {receipt.Chip} took package {receipt.Package}") :
        receipt.Lifecycle != Provisioned || receipt.Debug
            ? new Refusal(Reason.WrongLifecycle, $"chip {receipt.Chip} is not locked") :
        null;
}
