using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// The tree in tiles, for monitors and witnesses (docs/spec/log.md §5, backup.md §7.1): made from the leaves,
/// written before the checkpoint that needs them.
/// </summary>
internal sealed class DirectoryTiles(IDirectoryFiles files)
{
    private readonly TileEdge edge = new();

    /// <summary>
    /// Makes the tiles of a tree what its leaves say; those that are so already are not written.
    /// </summary>
    public void Restore(ReadOnlySpan<Digest> leaves)
    {
        foreach (var leaf in leaves)
        {
            edge.Append(leaf, (tile, hashes) =>
            {
                if (tile.Width == TileId.FullWidth)
                {
                    WriteIfOther(tile, hashes);
                }
            });
        }

        edge.TakePartial(WriteIfOther);
    }

    /// <summary>
    /// Writes the tiles of the tree with one leaf more. A tile that is full makes its partial ones needless.
    /// </summary>
    public void Append(Digest leaf) => edge.Append(leaf, (tile, hashes) =>
    {
        files.Replace(tile.Path, TileId.Content(hashes));
        for (var width = 1; tile.Width == TileId.FullWidth && width < TileId.FullWidth; width++)
        {
            files.Delete((tile with { Width = width }).Path);
        }
    });

    /// <summary>
    /// What is wrong with the tiles of a directory whose checkpoint is over so many of these leaves.
    /// </summary>
    public static IEnumerable<AuditFault> Audit(IDirectoryFiles files, Digest[] leaves, long signed)
    {
        var widest = Widest(leaves);
        var there = new HashSet<string>();
        foreach (var path in files.List(DirectoryLayout.Tiles))
        {
            there.Add(path);
            if (TileId.Parse(path).Refused(out var tile, out _)
                || !widest.TryGetValue(tile with { Width = 0 }, out var content) || tile.Size > content.Length)
            {
                yield return new AuditFault(Finding.Unlogged, path);
            }
            else if (files.Read(path) is not { } bytes || !bytes.AsSpan().SequenceEqual(content.AsSpan(0, tile.Size)))
            {
                yield return new AuditFault(Finding.Damaged, path);
            }
        }

        foreach (var tile in TileId.Of(signed))
        {
            if (!there.Contains(tile.Path) && !there.Contains((tile with { Width = TileId.FullWidth }).Path))
            {
                yield return new AuditFault(Finding.Removed, tile.Path);
            }
        }
    }

    private static Dictionary<TileId, byte[]> Widest(Digest[] leaves)
    {
        var widest = new Dictionary<TileId, byte[]>();
        var edge = new TileEdge();
        foreach (var leaf in leaves)
        {
            edge.Append(leaf, (tile, hashes) =>
            {
                if (tile.Width == TileId.FullWidth)
                {
                    widest[tile with { Width = 0 }] = TileId.Content(hashes);
                }
            });
        }

        edge.TakePartial((tile, hashes) => widest[tile with { Width = 0 }] = TileId.Content(hashes));
        return widest;
    }

    private void WriteIfOther(TileId tile, ReadOnlySpan<Digest> hashes)
    {
        var content = TileId.Content(hashes);
        if (files.Read(tile.Path) is not { } held || !held.AsSpan().SequenceEqual(content))
        {
            files.Replace(tile.Path, content);
        }
    }
}
