using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Device.Firmware;

/// <summary>
/// Command "boot-ok" (docs/spec/module.md §7): the programs on the device have run well, so that from now on
/// none older than these is taken. Until then the one before may come back.
/// </summary>
internal static class ConfirmBoot
{
    /// <summary>Refusals: BadSeal.</summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (InstalledPrograms.Of(chip).Refused(out var installed, out var why))
        {
            return why;
        }

        using var transaction = chip.Journal.Begin();
        foreach (var each in installed.Programs)
        {
            transaction.Then(MonotonicUpdate.Sequenced(each.Owner, each.Program.Name, each.Sequence));
        }

        transaction.Commit();
        return null;
    }
}
