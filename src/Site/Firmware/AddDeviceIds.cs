using Keywright.Protocol;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>Fills the pool from which devices take their IDs (docs/spec/programming.md §6.2).</summary>
public sealed class AddDeviceIds(IIdentityPool pool)
{
    /// <summary>
    /// Adds sets of IDs for a product, all or none. Refusals: Malformed for an empty set, one ID twice or a
    /// bad product; TooLarge above 8 IDs a device; IdentityTaken for an ID that waits already or belongs to a
    /// device.
    /// </summary>
    public Refusal? Add(string product, IReadOnlyList<IdentitySet> sets)
    {
        var all = sets.SelectMany(set => set.Devices).ToList();
        if (sets.Any(set => set.Devices.Count > SealedFile.MaxDeviceIds))
        {
            return new Refusal(Reason.TooLarge, $"a device has at most {SealedFile.MaxDeviceIds} IDs");
        }

        if (sets.Any(set => set.Devices.Count == 0) || all.Distinct().Count() != all.Count)
        {
            return new Refusal(Reason.Malformed, "a device without an ID, or one ID twice");
        }

        return ShortText.Judge("product", product) ?? pool.Add(product, sets);
    }
}
