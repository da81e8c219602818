using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Backup;

namespace Keywright.Device.Backup;

/// <summary>
/// Command "recover" (docs/spec/backup.md §9): from public files alone, a chip that lost its flash has its
/// keys, its certificate, its Entry and its nameplate again. The inputs are "entry", "proof", "issuer" and
/// "order-key". What it is given of another chip, identity, owner or an older store is refused, and then
/// nothing has changed.
/// </summary>
internal static class RecoverStore
{
    /// <summary>
    /// Refusals, in this order: MissingInput, TooLarge; those of the Entry's form (WrongType without the
    /// backup code); WrongLifecycle; BrokenChain; ForeignBackup (another chip); WrongIdentity; BadSignature
    /// (certificate); BrokenChain (of another product); ForeignBackup (other keys); BadSignature (Entry); StaleBackup; those of
    /// <see cref="LogProof"/>; ForeignBackup (does not open); StoreFull.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (Offered.Read(new Inputs(host)).Refused(out var offered, out var why)
            || Judge(chip, offered).Refused(out var credential, out why)
            || Open(chip, offered.Entry.Claimed.Backup).Refused(out var image, out why))
        {
            return why;
        }

        using (image)
        {
            return IsThere(chip, offered, credential) ? null : Commit(chip, offered, credential, image);
        }
    }

    private static Outcome<Credential> Judge(ChipState chip, Offered offered)
    {
        var entry = offered.Entry;
        if (Credential.Judge(chip, offered.OrderKey, offered.Issuer, entry.Claimed.CertificateBytes)
            .Refused(out var credential, out var why))
        {
            return why.Reason == Reason.WrongChip ? why with { Reason = Reason.ForeignBackup } : why;
        }

        if (entry.VerifySignature(chip.Keys.Identity.Public).Refused(out _, out why))
        {
            return why;
        }

        if (JudgeNumber(chip, entry.Claimed.Backup.Number) is { } stale)
        {
            return stale;
        }

        return LogProof.Parse(offered.Proof).Refused(out var proof, out why)
            || proof.Check(MerkleTree.LeafHash(offered.EntryBytes), credential.Chain.Issuer.Content.LogKey())
                .Refused(out _, out why)
            ? why
            : credential;
    }

    /// <summary>Number a or i, and never one below that of a store which is in use.</summary>
    private static Refusal? JudgeNumber(ChipState chip, ulong number)
    {
        var (shown, issued) = (chip.Monotonic.StoreShown, chip.Monotonic.StoreIssued);
        var inUse = chip.KeyStore.RecoveryNeeded is null ? chip.KeyStore.Number : 0;
        return (number == shown || number == issued) && number >= inUse
            ? null
            : new Refusal(
                Reason.StaleBackup,
                $"backup {number}; {shown} was shown, {issued} issued, {inUse} is in use");
    }

    private static Outcome<KeyStoreImage> Open(ChipState chip, SealedBackup backup)
    {
        if (BackupOpener.Open(chip.Keys.Backup, chip.Immutable.ChipId, chip.Monotonic.Identity!.Value, backup)
            .Refused(out var store, out var why))
        {
            return why;
        }

        var image = KeyStoreImage.Parse(store);
        CryptographicOperations.ZeroMemory(store);
        return image;
    }

    private static bool IsThere(ChipState chip, Offered offered, Credential credential) =>
        chip.KeyStore.RecoveryNeeded is null
        && chip.KeyStore.Number == offered.Entry.Claimed.Backup.Number
        && Stored.Same(chip.Journal, OwnEntry.ObjectName, offered.EntryBytes)
        && Stored.Same(chip.Journal, Credential.ObjectName, credential.Encode())
        && !Nameplate.Of(chip).Refused(out var nameplate, out _)
        && nameplate == NameplateOf(credential);

    private static Refusal? Commit(
        ChipState chip, Offered offered, Credential credential, KeyStoreImage image)
    {
        using var transaction = chip.Journal.Begin();
        if ((chip.KeyStore.Restore(image, transaction)
            ?? transaction.Put(Credential.ObjectName, credential.Encode())
            ?? transaction.Put(OwnEntry.ObjectName, offered.EntryBytes)
            ?? NameplateOf(credential).Stage(transaction)) is { } why)
        {
            return why;
        }

        transaction.Commit();
        return null;
    }

    private static Nameplate NameplateOf(Credential credential)
    {
        var certificate = credential.Certificate.Content;
        return new Nameplate(certificate.Device, certificate.Product, certificate.DeviceType);
    }

    private sealed record Offered(
        Unverified<Entry> Entry, byte[] EntryBytes, byte[] Proof, byte[] Issuer, byte[] OrderKey)
    {
        private static readonly int MaxEntryBytes = Protocol.Backup.Entry.Type.MaxSizeBytes;

        public static Outcome<Offered> Read(Inputs inputs) =>
            inputs.Take("entry", MaxEntryBytes).Refused(out var bytes, out var why)
            || inputs.Take("proof", LogProof.MaxSize).Refused(out var proof, out why)
            || inputs.Take("issuer", Credential.MaxInputBytes).Refused(out var issuer, out why)
            || inputs.Take("order-key", PublicKey.Size).Refused(out var orderKey, out why)
            || Message.Parse<Entry>(bytes).Refused(out var entry, out why)
                ? why
                : new Offered(entry, bytes, proof, issuer, orderKey);
    }
}
