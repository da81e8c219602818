using System.Numerics;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// The tree of a log as its tiles show it (docs/spec/log.md §5): roots and proofs from the few tiles that
/// they take, which <paramref name="read"/> fetches (null for one that is not there). What tiles say is true
/// only if the root that it leads to is that of a signed checkpoint: proofs are checked as those of anybody
/// else. Refused as
/// <see cref="Reason.BadProof"/>: a tile that is missing or of another size.
/// </summary>
public sealed class TileTree(long size, Func<TileId, ReadOnlyMemory<byte>?> read)
{
    private const int TileHeight = 8;

    private readonly Dictionary<TileId, Digest[]> tiles = [];
    private Refusal? fault;

    /// <summary>The root over all leaves.</summary>
    public Outcome<Digest> Root()
    {
        var root = size == 0 ? MerkleTree.EmptyRoot : Hash(0, size);
        return fault is null ? root : fault;
    }

    /// <summary>The proof that leaf <paramref name="index"/> is in the tree.</summary>
    public Outcome<InclusionProof> ProveInclusion(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Digest>();
        var (from, to) = (0L, size);
        while (to - from > 1)
        {
            var middle = from + SplitOf(to - from);
            path.Add(index < middle ? Hash(middle, to) : Hash(from, middle));
            (from, to) = index < middle ? (from, middle) : (middle, to);
        }

        path.Reverse();
        return fault is null ? new InclusionProof(index, size, path) : fault;
    }

    /// <summary>
    /// The proof that the first <paramref name="oldSize"/> leaves were a tree of the same log.
    /// </summary>
    public Outcome<ConsistencyProof> ProveConsistency(long oldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, size);
        var path = new List<Digest>();
        var (from, to) = (0L, size);
        while (to != oldSize)
        {
            var middle = from + SplitOf(to - from);
            path.Add(oldSize <= middle ? Hash(middle, to) : Hash(from, middle));
            (from, to) = oldSize <= middle ? (from, middle) : (middle, to);
        }

        // An old tree that is one complete subtree is known to who asks.
        if (from > 0)
        {
            path.Add(Hash(from, to));
        }

        path.Reverse();
        return fault is null ? new ConsistencyProof(oldSize, size, path) : fault;
    }

    /// <summary>
    /// The hash over leaves that are a node of the tree: complete ones stand in tiles, others are made of
    /// those.
    /// </summary>
    private Digest Hash(long from, long to)
    {
        var count = to - from;
        if (BitOperations.IsPow2(count))
        {
            var height = BitOperations.Log2((ulong)count);
            return Node(height, from >> height);
        }

        var middle = from + SplitOf(count);
        return MerkleTree.NodeHash(Hash(from, middle), Hash(middle, to));
    }

    /// <summary>
    /// The complete node <paramref name="index"/> of a height: one hash of a tile, or the root over several.
    /// </summary>
    private Digest Node(int height, long index)
    {
        var level = height / TileHeight;
        var count = 1 << (height % TileHeight);
        var first = index * count;
        var hashes = Tile(level, first / TileId.FullWidth);
        return fault is null
            ? MerkleTree.RootOf(hashes.AsSpan((int)(first % TileId.FullWidth), count))
            : default;
    }

    private Digest[] Tile(int level, long index)
    {
        var hashes = size >> (TileHeight * level);
        var width = index < hashes / TileId.FullWidth ? TileId.FullWidth : (int)(hashes % TileId.FullWidth);
        var tile = new TileId(level, index, width);
        if (tiles.TryGetValue(tile, out var known))
        {
            return known;
        }

        if (fault is not null || read(tile) is not { } bytes || bytes.Length != tile.Size)
        {
            fault ??= new Refusal(Reason.BadProof, $"{tile.Path} is missing, or not {tile.Size} bytes");
            return [];
        }

        var content = new Digest[width];
        for (var i = 0; i < width; i++)
        {
            content[i] = new Digest(bytes.Span.Slice(i * Digest.Size, Digest.Size));
        }

        tiles[tile] = content;
        return content;
    }

    // The largest power of two below size.
    private static long SplitOf(long size) => 1L << BitOperations.Log2((ulong)size - 1);
}
