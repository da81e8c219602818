using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;

namespace Keywright.Device.Backup;

/// <summary>
/// Command "backup" (docs/spec/backup.md §6.2): emits "entry", the sealed key store with the certificate, for
/// the directory. For the same store and certificate it is the same, byte for byte.
/// </summary>
internal static class BackUpStore
{
    /// <summary>Refusals: WrongLifecycle (no certificate, no store), StoreFull.</summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (Credential.Of(chip).Refused(out var credential, out var why)
            || OwnEntry.SealStore(chip).Refused(out var backup, out why))
        {
            return why;
        }

        if (OwnEntry.Stored(chip, backup, credential.Certificate) is { } stored)
        {
            host.Emit("entry", stored);
            return null;
        }

        var entry = Message.Sign(Entry.Of(backup, credential.Certificate), chip.Keys.Identity);
        using var transaction = chip.Journal.Begin();
        if (transaction.Put(OwnEntry.ObjectName, entry.Bytes.Span) is { } full)
        {
            return full;
        }

        transaction.Commit();
        host.Emit("entry", entry.Bytes.Span);
        return null;
    }
}
