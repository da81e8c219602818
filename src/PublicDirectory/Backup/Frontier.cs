using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// The right edge of a Merkle tree (RFC 6962 §2.1): the roots of its complete subtrees, largest first. Enough
/// to append a leaf and to know the root in time that grows with the logarithm of the size.
/// </summary>
internal sealed class Frontier
{
    private readonly List<Digest> roots = [];

    public long Size { get; private set; }

    public Digest Root
    {
        get
        {
            if (roots.Count == 0)
            {
                return MerkleTree.EmptyRoot;
            }

            var root = roots[^1];
            for (var i = roots.Count - 2; i >= 0; i--)
            {
                root = MerkleTree.NodeHash(roots[i], root);
            }

            return root;
        }
    }

    public void Append(Digest leaf)
    {
        var right = leaf;
        for (var count = Size; (count & 1) == 1; count >>= 1)
        {
            right = MerkleTree.NodeHash(roots[^1], right);
            roots.RemoveAt(roots.Count - 1);
        }

        roots.Add(right);
        Size++;
    }
}
