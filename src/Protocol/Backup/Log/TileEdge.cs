using System.Runtime.InteropServices;

namespace Keywright.Protocol.Backup.Log;

/// <summary>Takes a tile and its hashes, which it must not keep.</summary>
public delegate void TakeTile(TileId tile, ReadOnlySpan<Digest> hashes);

/// <summary>
/// The right edge of a tree in tiles: what a log that grows leaf by leaf has to write (docs/spec/log.md §5).
/// It holds fewer than 256 hashes a level.
/// </summary>
public sealed class TileEdge
{
    private readonly List<List<Digest>> levels = [];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>
    /// Takes the next leaf; hands out the tiles that the tree of the new size has and that of the old had
    /// not.
    /// </summary>
    public void Append(Digest leaf, TakeTile take)
    {
        var hash = leaf;
        var index = Size++;
        for (var level = 0; ; level++)
        {
            if (level == levels.Count)
            {
                levels.Add([]);
            }

            var hashes = levels[level];
            hashes.Add(hash);
            index /= TileId.FullWidth;
            take(new TileId(level, index, hashes.Count), CollectionsMarshal.AsSpan(hashes));
            if (hashes.Count < TileId.FullWidth)
            {
                return;
            }

            hash = MerkleTree.RootOf(CollectionsMarshal.AsSpan(hashes));
            hashes.Clear();
        }
    }

    /// <summary>Hands out the partial tiles of the tree as it is.</summary>
    public void TakePartial(TakeTile take)
    {
        var hashes = Size;
        for (var level = 0; level < levels.Count; level++, hashes /= TileId.FullWidth)
        {
            if (levels[level].Count > 0)
            {
                take(
                    new TileId(level, hashes / TileId.FullWidth, levels[level].Count),
                    CollectionsMarshal.AsSpan(levels[level]));
            }
        }
    }
}
