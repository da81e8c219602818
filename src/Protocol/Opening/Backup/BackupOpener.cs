using Keywright.Protocol.Backup;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.Backup;

/// <summary>
/// Opens a Backup inside its chip: the counterpart of <see cref="Sealing.Backup.BackupSealer"/>.
/// </summary>
public static class BackupOpener
{
    /// <summary>
    /// The key store, which the caller wipes. Refusals: Malformed, TooLarge, WrongAlgorithm; ForeignBackup
    /// when it was sealed by another chip, for another identity or under another number, or changed on the
    /// way.
    /// </summary>
    public static Outcome<byte[]> Open(Secret backupRoot, ChipId chip, Digest identity, SealedBackup content)
    {
        var aad = SealedBackup.Aad(chip, identity, content.Number);
        using var key = Kdf.Derive<SealKey>(backupRoot, "seal", CborItem.Array());
        if (!Encrypt0Opener.Open(key, aad, content.Sealed.Span, SealedBackup.MaxStoreBytes)
            .Refused(out var store, out var why))
        {
            return store;
        }

        return why.Reason == Reason.BadSeal ? why with { Reason = Reason.ForeignBackup } : why;
    }
}
