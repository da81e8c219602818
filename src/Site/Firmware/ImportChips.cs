using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Provisioning;

namespace Keywright.Site.Firmware;

/// <summary>
/// Learns the chips that the owner counted under an order (docs/spec/programming.md §6.1). Order and receipts
/// were verified where they were counted; a chip that was not learnt gets no file.
/// </summary>
public sealed class ImportChips(IChipRegister register, IAlertLog alerts, TimeProvider time)
{
    /// <summary>The same from an order and its counted receipts, as the owner's count gives them.</summary>
    public Outcome<int> Import(Verified<Order> order, IEnumerable<Verified<Receipt>> counted) => Import(
        Known(order),
        [
            .. counted.Select(receipt => receipt.Content).Select(receipt =>
                new LearntChip(receipt.Chip, receipt.Identity, receipt.Kem, receipt.Order)),
        ]);

    /// <summary>The same from the chips that the owner says were counted.</summary>
    public Outcome<int> Import(Verified<Order> order, Verified<CountedChips> counted) => Import(
        Known(order),
        [
            .. counted.Content.Chips.Select(leaf =>
                new LearntChip(leaf.Chip, leaf.Identity, leaf.Kem, counted.Content.Order)),
        ]);

    /// <summary>
    /// Learns all of them or none; gives how many are new. Refusals: Malformed for names that a Take could
    /// not carry, ForeignReceipt for a chip of another order or one that is known otherwise, OverQuota.
    /// </summary>
    public Outcome<int> Import(ProductionOrder order, IReadOnlyList<LearntChip> chips)
    {
        var malformed = ShortText.Judge("product", order.Product)
            ?? ShortText.Judge("factory's name", order.Factory);
        if (malformed is not null)
        {
            return malformed;
        }

        var distinct = chips.DistinctBy(chip => chip.Chip).ToList();
        var faults = chips.Select(chip => Judge(order, chip));
        if (faults.FirstOrDefault(fault => fault is not null) is { } foreign)
        {
            return foreign;
        }

        var counted = register.Counts().FirstOrDefault(count => count.Order.Digest == order.Digest);
        var known = counted?.Provisioned ?? 0;
        var added = distinct.Count(chip => register.FindChip(chip.Chip) is null);
        if (known + added > order.Quota)
        {
            var over = new Refusal(
                Reason.OverQuota,
                $"order {order.Name} is for {order.Quota} chips, these make {known + added}");
            alerts.Raise(new Alert(time.GetUtcNow(), over.Reason, over.Detail) { Factory = order.Factory });
            return over;
        }

        return register.Learn(order, distinct, time.GetUtcNow());
    }

    private static ProductionOrder Known(Verified<Order> order) => new(
        order.Digest, order.Content.Id, order.Content.Product, order.Content.Factory, order.Content.Quota);

    private Refusal? Judge(ProductionOrder order, LearntChip chip)
    {
        if (chip.Order != order.Digest)
        {
            return new Refusal(
                Reason.ForeignReceipt, $"chip {chip.Chip} was provisioned under another order");
        }

        if (register.FindChip(chip.Chip) is not { } known || known == chip)
        {
            return null;
        }

        var foreign = new Refusal(
            Reason.ForeignReceipt, $"chip {chip.Chip} is known with another order or other keys");
        alerts.Raise(new Alert(time.GetUtcNow(), foreign.Reason, foreign.Detail)
        {
            Chip = chip.Chip,
            Factory = order.Factory,
        });
        return foreign;
    }
}
