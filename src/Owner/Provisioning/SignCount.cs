using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>The OEM tells the site which chips it counted (docs/spec/provisioning.md §8).</summary>
public static class SignCount
{
    /// <summary>
    /// Signs the chips counted before and the good ones within the quota that were not scrapped. Refusals:
    /// TooLarge.
    /// </summary>
    public static Outcome<Verified<CountedChips>> Run(
        ReceiptCount count, SigningKey orderKey, IEnumerable<ClaimedChip>? scrapped = null)
    {
        var left = (scrapped ?? []).Select(chip => chip.Chip)
            .Except(count.Before.Select(leaf => leaf.Chip))
            .Union(count.OverQuota)
            .ToHashSet();
        List<ChipLeaf> chips =
        [
            .. count.Before
                .Concat(count.Good.Select(good => good.Content)
                    .Select(receipt => new ChipLeaf(receipt.Chip, receipt.Identity, receipt.Kem)))
                .DistinctBy(leaf => leaf.Chip)
                .Where(leaf => !left.Contains(leaf.Chip)),
        ];
        return chips.Count > CountedChips.MaxCount
            ? new Refusal(Reason.TooLarge, $"{chips.Count} chips, at most {CountedChips.MaxCount}")
            : Message.Sign(new CountedChips(count.Order.Digest, chips), orderKey);
    }
}
