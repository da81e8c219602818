using System.Numerics;
using System.Security.Cryptography;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// The Merkle tree of RFC 6962 §2.1 over SHA-256, computed from leaf hashes: its root, and the paths that
/// prove a leaf or an earlier tree. Docs/spec/log.md §1.
/// </summary>
public static class MerkleTree
{
    /// <summary>The most hashes in a path: one for each level that a tree of 2⁶³ − 1 leaves has.</summary>
    public const int MaxPathLength = 63;

    /// <summary>The root of the tree without leaves: H of nothing.</summary>
    public static Digest EmptyRoot => Digest.Of([]);

    /// <summary>H(0x00 ‖ leaf).</summary>
    public static Digest LeafHash(ReadOnlySpan<byte> leaf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(leaf);
        Span<byte> result = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(result);
        return new Digest(result);
    }

    /// <summary>H(0x01 ‖ left ‖ right).</summary>
    public static Digest NodeHash(Digest left, Digest right)
    {
        Span<byte> node = stackalloc byte[1 + (2 * Digest.Size)];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + Digest.Size)..]);
        return Digest.Of(node);
    }

    /// <summary>The root of the tree with these leaf hashes.</summary>
    public static Digest RootOf(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length < 2)
        {
            return leaves.IsEmpty ? EmptyRoot : leaves[0];
        }

        var split = SplitOf(leaves.Length);
        return NodeHash(RootOf(leaves[..split]), RootOf(leaves[split..]));
    }

    /// <summary>
    /// The proof that leaf <paramref name="index"/> is in the tree with these leaf hashes (§2.1.1).
    /// </summary>
    public static InclusionProof ProveInclusion(ReadOnlySpan<Digest> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Length);
        var path = new List<Digest>();
        AddInclusion(leaves, index, path);
        return new InclusionProof(index, leaves.Length, path);
    }

    /// <summary>
    /// The proof that the first <paramref name="oldSize"/> leaves were a tree of the same log (§2.1.2).
    /// </summary>
    public static ConsistencyProof ProveConsistency(ReadOnlySpan<Digest> leaves, int oldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, leaves.Length);
        var path = new List<Digest>();
        AddConsistency(leaves, oldSize, oldTreeIsWhole: true, path);
        return new ConsistencyProof(oldSize, leaves.Length, path);
    }

    private static void AddInclusion(ReadOnlySpan<Digest> leaves, int index, List<Digest> path)
    {
        if (leaves.Length == 1)
        {
            return;
        }

        var split = SplitOf(leaves.Length);
        var left = index < split;
        AddInclusion(left ? leaves[..split] : leaves[split..], left ? index : index - split, path);
        path.Add(RootOf(left ? leaves[split..] : leaves[..split]));
    }

    private static void AddConsistency(
        ReadOnlySpan<Digest> leaves, int oldSize, bool oldTreeIsWhole, List<Digest> path)
    {
        if (oldSize == leaves.Length)
        {
            if (!oldTreeIsWhole)
            {
                path.Add(RootOf(leaves));
            }

            return;
        }

        var split = SplitOf(leaves.Length);
        var left = oldSize <= split;
        AddConsistency(
            left ? leaves[..split] : leaves[split..],
            left ? oldSize : oldSize - split,
            oldTreeIsWhole && left,
            path);
        path.Add(RootOf(left ? leaves[split..] : leaves[..split]));
    }

    // The largest power of two below size.
    private static int SplitOf(int size) => 1 << BitOperations.Log2((uint)size - 1);
}
