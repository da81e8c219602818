namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// A tree of docs/spec/log.md §1 with all its nodes kept, level by level: for a list whose leaves are all to be
/// proven. A node without a sibling stands on the next level as it is.
/// </summary>
public sealed class MerkleLevels
{
    private readonly List<Digest[]> levels;

    public MerkleLevels(Digest[] leaves)
    {
        levels = [leaves];
        while (levels[^1].Length > 1)
        {
            levels.Add(Above(levels[^1]));
        }
    }

    /// <summary>The proof that leaf <paramref name="index"/> is in the tree.</summary>
    public InclusionProof ProveInclusion(int index)
    {
        var path = new List<Digest>();
        var place = index;
        foreach (var level in levels)
        {
            if ((place ^ 1) < level.Length)
            {
                path.Add(level[place ^ 1]);
            }

            place >>= 1;
        }

        return new InclusionProof(index, levels[0].Length, path);
    }

    private static Digest[] Above(Digest[] level)
    {
        var above = new Digest[(level.Length + 1) / 2];
        for (var i = 0; i < above.Length; i++)
        {
            above[i] = (2 * i) + 1 < level.Length
                ? MerkleTree.NodeHash(level[2 * i], level[(2 * i) + 1])
                : level[2 * i];
        }

        return above;
    }
}
