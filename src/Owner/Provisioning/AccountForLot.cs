using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>Something that a station said and that does not fit what the chips say.</summary>
public sealed record Contradiction(ChipId Chip, string What);

/// <summary>Where every chip of an order stands; each in exactly one of the four.</summary>
public sealed record LotAccount(
    IReadOnlyList<ChipId> Provisioned,
    IReadOnlyList<ClaimedChip> Failed,
    IReadOnlyList<ClaimedChip> Scrapped,
    IReadOnlyList<ChipId> Open,
    IReadOnlyList<Contradiction> Contradictions)
{
    /// <summary>All chips that were ever begun under the order, as far as receipts or station tell.</summary>
    public int Issued => Provisioned.Count + Failed.Count + Scrapped.Count + Open.Count;
}

/// <summary>
/// The OEM holds a station's account against the receipts (docs/spec/provisioning.md 8.5): a receipt outweighs
/// it, and alone it makes no chip provisioned.
/// </summary>
public static class AccountForLot
{
    /// <summary>Refusals: ForeignReceipt, when the account is of another order.</summary>
    public static Outcome<LotAccount> Run(
        ReceiptCount count, IReadOnlyList<ListedChips> lists, StationAccount? account)
    {
        if (account is not null && account.Order != count.Order.Digest)
        {
            return new Refusal(Reason.ForeignReceipt, $"the account is of order {account.Order}");
        }

        var (provisioned, open) = (new List<ChipId>(), new List<ChipId>());
        var (failed, scrapped) = (new List<ClaimedChip>(), new List<ClaimedChip>());
        var contradictions = new List<Contradiction>();
        var before = count.Before.Select(leaf => leaf.Chip).ToHashSet();
        var proven = count.Good.Select(good => good.Content.Chip).Union(before).ToHashSet();
        var said = account?.Chips ?? new Dictionary<ChipId, ClaimedChip>();
        foreach (var chip in proven.Union(said.Keys))
        {
            var claim = said.GetValueOrDefault(chip);
            var isProven = proven.Contains(chip);
            if (account is not null && FaultOf(claim, isProven, before.Contains(chip)) is { } fault)
            {
                contradictions.Add(new Contradiction(chip, fault));
            }

            if (!isProven && !lists.Any(list => list.Find(chip) is not null))
            {
                contradictions.Add(new Contradiction(chip, "the station tells of it, and it is in no chip list"));
            }
            else if (claim is { Standing: ClaimedStanding.Scrapped })
            {
                scrapped.Add(claim);
            }
            else if (isProven)
            {
                provisioned.Add(chip);
            }
            else if (claim is { Standing: ClaimedStanding.Failed })
            {
                failed.Add(claim);
            }
            else
            {
                open.Add(chip);
            }
        }

        return new LotAccount(provisioned, failed, scrapped, open, contradictions);
    }

    private static string? FaultOf(ClaimedChip? claim, bool isProven, bool wasCounted) => claim?.Standing switch
    {
        null => "its receipt came, and the station does not know it",
        ClaimedStanding.Failed when isProven => "its receipt came, and the station calls it failed",
        ClaimedStanding.Provisioned when !isProven => "the station calls it provisioned, and no good receipt came",
        ClaimedStanding.Scrapped when wasCounted => "it was scrapped after it was counted",
        _ => null,
    };
}
