using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// Makes the proof that an entry is in the log, under the newest checkpoint (docs/spec/backup.md §7.4).
/// Anyone can: from the directory's files or a mirror's, without any key.
/// </summary>
public static class ProveEntry
{
    /// <summary>
    /// The bytes of a <see cref="LogProof"/>. Only leaves under the checkpoint are proven, and where
    /// <paramref name="mirror"/> is given only those that it holds too. Refusals: UnknownEntry, ProofDue (not
    /// yet under a checkpoint, not yet mirrored), BadProof (the files are not those of the checkpoint).
    /// </summary>
    public static Outcome<byte[]> Run(
        IDirectoryFiles files, ListedEntry listed, IDirectoryFiles? mirror = null)
    {
        if (Held(files).Refused(out var here, out var why))
        {
            return why;
        }

        if (listed.Leaf >= here.Checkpoint.Size)
        {
            return new Refusal(Reason.ProofDue, $"leaf {listed.Leaf} is not yet under a checkpoint");
        }

        if (mirror is not null && HeldByMirror(mirror, listed) is { } due)
        {
            return due;
        }

        var leaves = here.Leaves.AsSpan(0, (int)here.Checkpoint.Size);
        if (leaves[(int)listed.Leaf] != listed.LeafHash)
        {
            return new Refusal(Reason.UnknownEntry, $"leaf {listed.Leaf} is another entry");
        }

        var inclusion = MerkleTree.ProveInclusion(leaves, (int)listed.Leaf);
        return inclusion.Check(listed.LeafHash, here.Checkpoint).Refused(out _, out why)
            ? why
            : new LogProof(inclusion.Index, inclusion.Path, files.Read(DirectoryLayout.Checkpoint)).Write();
    }

    private static Refusal? HeldByMirror(IDirectoryFiles mirror, ListedEntry listed)
    {
        if (Held(mirror).Refused(out var there, out var why))
        {
            return why;
        }

        return listed.Leaf < there.Checkpoint.Size && there.Leaves[listed.Leaf] == listed.LeafHash
            ? null
            : new Refusal(Reason.ProofDue, $"leaf {listed.Leaf} is not yet held by the mirror");
    }

    private static Outcome<Held> HeldOf(IDirectoryFiles files, LogKey key)
    {
        if (DirectoryReader.Checkpoint(files, key).Refused(out var checkpoint, out var why))
        {
            return why;
        }

        var leaves = DirectoryReader.Leaves(files);
        return leaves.Length >= checkpoint.Size
            ? new Held(checkpoint, leaves)
            : new Refusal(Reason.BadProof, $"{leaves.Length} leaves are left of {checkpoint.Size}");
    }

    private static Outcome<Held> Held(IDirectoryFiles files) =>
        DirectoryReader.StatedKey(files).Refused(out var key, out var why) ? why : HeldOf(files, key);
}

/// <summary>A verified checkpoint and at least its leaves.</summary>
internal sealed record Held(Checkpoint Checkpoint, Digest[] Leaves);
