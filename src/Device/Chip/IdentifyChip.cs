using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Device.Chip;

/// <summary>
/// Command "identify": emits "facts", what anybody may know about the chip (docs/spec/chip.md §9.1).
/// </summary>
internal static class IdentifyChip
{
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        var monotonic = chip.Monotonic;
        var facts = new ChipFacts
        {
            ChipId = chip.Immutable.ChipId,
            Family = chip.Immutable.Family,
            Lot = chip.Immutable.Lot,
            Stage = monotonic.Lifecycle.ToString().ToLowerInvariant(),
            Identity = chip.Keys.Identity.Public,
            Kem = chip.Keys.Kem.Public,
            StoreIssued = monotonic.StoreIssued,
            StoreShown = monotonic.StoreShown,
            StoreNumber = chip.KeyStore.Number,
            RecoveryNeeded = chip.KeyStore.RecoveryNeeded is not null,
            Owner = monotonic.Owner,
            DeviceIdentity = monotonic.Identity,
        };
        host.Emit("facts", facts.Encode());
        return null;
    }
}
