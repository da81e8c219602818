using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Commands;

namespace Keywright.Device.Backup;

/// <summary>
/// Command "show-proof" (docs/spec/backup.md §8): shown the "proof" that the Entry of exactly the key store
/// in flash is in the log, the chip sets a to its number; the first time the device becomes fielded. The same
/// again changes nothing.
/// </summary>
internal static class ShowProof
{
    /// <summary>
    /// Refusals, in this order: MissingInput, TooLarge; WrongLifecycle (no certificate, no store);
    /// StaleBackup (the store has no Entry yet: back up first); those of <see cref="LogProof"/>, BadProof
    /// last.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        var inputs = new Inputs(host);
        if (inputs.Take("proof", LogProof.MaxSize).Refused(out var proof, out var why)
            || Credential.Of(chip).Refused(out var credential, out why)
            || OwnEntry.SealStore(chip).Refused(out var backup, out why))
        {
            return why;
        }

        if (OwnEntry.Stored(chip, backup) is not { } entry)
        {
            return new Refusal(Reason.StaleBackup, $"key store {backup.Number} has no entry yet: back it up");
        }

        var log = credential.Chain.Issuer.Content.LogKey();
        if (LogProof.Parse(proof).Refused(out var parsed, out why)
            || parsed.Check(MerkleTree.LeafHash(entry), log).Refused(out _, out why))
        {
            return why;
        }

        Commit(chip);
        return null;
    }

    private static void Commit(ChipState chip)
    {
        var state = chip.Monotonic;
        if (state.StoreShown == chip.KeyStore.Number && state.Lifecycle >= Lifecycle.Fielded)
        {
            return;
        }

        using var transaction = chip.Journal.Begin();
        chip.KeyStore.MarkShown(transaction);
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Fielded));
        transaction.Commit();
    }
}
