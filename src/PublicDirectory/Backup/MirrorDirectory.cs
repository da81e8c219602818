using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// Brings a mirror up to a directory: only after an audit, and only forward (docs/spec/backup.md §7.6). The
/// mirror's checkpoint is written last, so that a cut leaves a mirror that still proves what it proved
/// before.
/// </summary>
public static class MirrorDirectory
{
    /// <summary>
    /// The checkpoint that the mirror holds now. Refusals: BadProof when the directory fails its audit, or
    /// does not continue what the mirror holds (older, or another history: keep both, tell everyone).
    /// </summary>
    public static Outcome<Checkpoint> Run(IDirectoryFiles source, IDirectoryFiles mirror, LogKey key)
    {
        var audit = AuditDirectory.Run(source, key);
        if (audit.Checkpoint is not { } newest || !audit.Clean)
        {
            return new Refusal(Reason.BadProof, $"the audit failed: {audit.Faults[0]}");
        }

        var note = source.Read(DirectoryLayout.Checkpoint)!;
        var leaves = DirectoryReader.Leaves(source).AsSpan(0, (int)newest.Size);
        if (Continues(mirror, leaves, key) is { } forked)
        {
            return forked;
        }

        foreach (var path in source.List(DirectoryLayout.Issuers).Concat(source.List(DirectoryLayout.Chips)))
        {
            Copy(source, mirror, path);
        }

        Copy(source, mirror, DirectoryLayout.LogKey);
        mirror.Replace(DirectoryLayout.Leaves, TileId.Content(leaves));
        new DirectoryTiles(mirror).Restore(leaves);
        mirror.Replace(DirectoryLayout.Checkpoint, note);
        return newest;
    }

    private static Refusal? Continues(IDirectoryFiles mirror, ReadOnlySpan<Digest> leaves, LogKey key)
    {
        if (mirror.Read(DirectoryLayout.Checkpoint) is null)
        {
            return null;
        }

        if (DirectoryReader.Checkpoint(mirror, key).Refused(out var held, out var why))
        {
            return why;
        }

        if (held.Size > leaves.Length)
        {
            return new Refusal(Reason.BadProof, $"{leaves.Length} leaves, the mirror has {held.Size}");
        }

        return MerkleTree.RootOf(leaves[..(int)held.Size]) == held.Root
            ? null
            : new Refusal(Reason.BadProof, $"it does not continue the {held.Size} leaves of the mirror");
    }

    private static void Copy(IDirectoryFiles source, IDirectoryFiles mirror, string path)
    {
        var content = source.Read(path)!;
        if (mirror.Read(path) is not { } held || !held.AsSpan().SequenceEqual(content))
        {
            mirror.Replace(path, content);
        }
    }
}
