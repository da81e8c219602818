namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// That a leaf stands at <paramref name="Index"/> in a tree of <paramref name="TreeSize"/> leaves: the
/// sibling hashes from the leaf up (RFC 6962 §2.1.1; docs/spec/log.md §1). Refused as
/// <see cref="Reason.BadProof"/>.
/// </summary>
public sealed record InclusionProof(long Index, long TreeSize, IReadOnlyList<Digest> Path)
{
    /// <summary>
    /// The root that this proof and <paramref name="leafHash"/> lead to, to be compared with a signed one.
    /// </summary>
    public Outcome<Digest> RootFrom(Digest leafHash)
    {
        if (Index < 0 || Index >= TreeSize)
        {
            return new Refusal(Reason.BadProof, $"No leaf {Index} in a tree of {TreeSize}.");
        }

        var root = leafHash;
        var place = Index;
        var last = TreeSize - 1;
        foreach (var sibling in Path)
        {
            if (last == 0)
            {
                return new Refusal(Reason.BadProof, $"{Path.Count} hashes, too many for {TreeSize}.");
            }

            // A last node without a sibling goes up unchanged until it is a right child.
            if ((place & 1) == 1 || place == last)
            {
                root = MerkleTree.NodeHash(sibling, root);
                while ((place & 1) == 0 && place != 0)
                {
                    place >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                root = MerkleTree.NodeHash(root, sibling);
            }

            place >>= 1;
            last >>= 1;
        }

        return last == 0
            ? root
            : new Refusal(Reason.BadProof, $"{Path.Count} hashes, too few for {TreeSize}.");
    }

    /// <summary>
    /// Judges the proof against a checkpoint: its tree has this leaf, or the refusal says why not.
    /// </summary>
    public Outcome<Checkpoint> Check(Digest leafHash, Checkpoint checkpoint)
    {
        if (TreeSize != checkpoint.Size)
        {
            return new Refusal(Reason.BadProof, $"A proof for {TreeSize}, not {checkpoint.Size}, leaves.");
        }

        if (RootFrom(leafHash).Refused(out var root, out var why))
        {
            return why;
        }

        return root == checkpoint.Root
            ? checkpoint
            : new Refusal(Reason.BadProof, $"The path leads to {root}, not {checkpoint.Root}.");
    }
}
