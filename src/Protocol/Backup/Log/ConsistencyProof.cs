namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// That the tree of the first <paramref name="OldSize"/> leaves lives on in the tree of
/// <paramref name="NewSize"/>: nothing was taken back or changed (RFC 6962 §2.1.2; docs/spec/log.md §1).
/// Refused as <see cref="Reason.BadProof"/>.
/// </summary>
public sealed record ConsistencyProof(long OldSize, long NewSize, IReadOnlyList<Digest> Path)
{
    /// <summary>Judges the proof between two checkpoints of one log; the later one when it holds.</summary>
    public Outcome<Checkpoint> Check(Checkpoint older, Checkpoint newer)
    {
        if (older.Origin != newer.Origin || older.Size != OldSize || newer.Size != NewSize)
        {
            return new Refusal(Reason.BadProof, $"Not the checkpoints of {OldSize} and {NewSize}.");
        }

        return Holds(older.Root, newer.Root)
            ? newer
            : new Refusal(Reason.BadProof, $"{NewSize} leaves that do not continue {OldSize}.");
    }

    private bool Holds(Digest oldRoot, Digest newRoot)
    {
        if (OldSize < 1 || OldSize > NewSize)
        {
            return false;
        }

        if (OldSize == NewSize)
        {
            return Path.Count == 0 && oldRoot == newRoot;
        }

        // Up to the first node that is a left child: the old tree hangs complete below it.
        var place = OldSize - 1;
        var last = NewSize - 1;
        while ((place & 1) == 1)
        {
            place >>= 1;
            last >>= 1;
        }

        // An old tree that is one complete subtree is itself the start of the path.
        var next = place == 0 ? 0 : 1;
        if (Path.Count < next)
        {
            return false;
        }

        return Climb(place, last, next, next == 0 ? oldRoot : Path[0], oldRoot, newRoot);
    }

    private bool Climb(long place, long last, int next, Digest start, Digest oldRoot, Digest newRoot)
    {
        var oldSide = start;
        var newSide = start;
        foreach (var hash in Path.Skip(next))
        {
            if (last == 0)
            {
                return false;
            }

            if ((place & 1) == 1 || place == last)
            {
                oldSide = MerkleTree.NodeHash(hash, oldSide);
                newSide = MerkleTree.NodeHash(hash, newSide);
                while ((place & 1) == 0 && place != 0)
                {
                    place >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                newSide = MerkleTree.NodeHash(newSide, hash);
            }

            place >>= 1;
            last >>= 1;
        }

        return last == 0 && oldSide == oldRoot && newSide == newRoot;
    }
}
