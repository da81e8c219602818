using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.PublicDirectory.Backup;
using Keywright.Station.Backup;

namespace Keywright.Cli.Backup;

/// <summary>
/// Backups out of the files of the public directory or of a mirror; the person at the device may put other
/// files in their place. What they are worth is for the chip to judge.
/// </summary>
internal sealed class FoundBackups(IDirectoryFiles files, OtherFiles others) : IBackupSource
{
    public Outcome<PublicBackup> Newest(ChipId chip)
    {
        if (LookUpChip.Run(files, chip).Refused(out var found, out var why))
        {
            return why;
        }

        var listed = others.Entry is { } entry ? PlaceOf(entry) ?? found[0].Listed : found[0].Listed;
        return ProveEntry.Run(files, listed).Refused(out var proof, out why)
            ? why
            : new PublicBackup(
                others.Entry ?? found[0].Entry,
                proof,
                others.Issuer ?? found[0].Issuer,
                others.OrderKey ?? found[0].OrderKey);
    }

    /// <summary>Where this very entry stands in the log; null when it does not.</summary>
    private ListedEntry? PlaceOf(byte[] entry)
    {
        if (Message.Parse<Entry>(entry).Refused(out var parsed, out _)
            || LookUpChip.Run(files, parsed.Claimed.Certificate.Claimed.Chip).Refused(out var found, out _))
        {
            return null;
        }

        var leafHash = MerkleTree.LeafHash(entry);
        return found.Select(each => each.Listed).FirstOrDefault(listed => listed.LeafHash == leafHash);
    }
}

/// <summary>What is given to the chip in place of what the directory has.</summary>
internal sealed record OtherFiles(byte[]? Entry, byte[]? Issuer, byte[]? OrderKey);
