using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Sealing.Backup;

namespace Keywright.Device.Backup;

/// <summary>
/// The device's own Entry: the object "entry" in flash. A Backup can be made again, bit for bit, from the
/// store that it is of; its signature cannot, so the Entry is kept and handed out as it was first signed
/// (docs/spec/backup.md §6.2).
/// </summary>
internal static class OwnEntry
{
    public const string ObjectName = "entry";

    /// <summary>
    /// The Backup of the key store in flash. Refusals: WrongLifecycle (no identity, or no store yet).
    /// </summary>
    public static Outcome<SealedBackup> SealStore(ChipState chip)
    {
        if (chip.Monotonic.Identity is not { } identity || chip.KeyStore.Number == 0)
        {
            return new Refusal(Reason.WrongLifecycle, "there is no key store or no identity to back up yet");
        }

        using var image = chip.KeyStore.Image();
        return BackupSealer.Seal(
            chip.Keys.Backup, chip.Immutable.ChipId, identity, chip.KeyStore.Number, image.Expose());
    }

    /// <summary>
    /// The stored Entry when it is of just this Backup and, where one is given, of this certificate; else
    /// null.
    /// </summary>
    public static byte[]? Stored(
        ChipState chip, SealedBackup backup, Verified<Certificate>? certificate = null)
    {
        if (chip.Journal.ReadAll(ObjectName).Refused(out var bytes, out _)
            || Message.Parse<Entry>(bytes).Refused(out var entry, out _))
        {
            return null;
        }

        var held = entry.Claimed;
        return held.BackupBytes.Span.SequenceEqual(backup.Write())
            && (certificate is null || held.CertificateBytes.Span.SequenceEqual(certificate.Bytes.Span))
            ? bytes
            : null;
    }
}
