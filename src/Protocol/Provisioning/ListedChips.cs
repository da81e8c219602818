using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>The chips of a verified list, by chip ID.</summary>
public sealed class ListedChips
{
    /// <summary>The most chips in one list.</summary>
    public const int MaxCount = 1 << 24;

    private readonly ChipLeaf[] leaves;
    private readonly Dictionary<ChipId, int> places;
    private readonly Lazy<MerkleLevels> tree;

    private ListedChips(ChipList list, ChipLeaf[] leaves, Dictionary<ChipId, int> places, Digest[] hashes)
    {
        List = list;
        this.leaves = leaves;
        this.places = places;
        tree = new Lazy<MerkleLevels>(() => new MerkleLevels(hashes));
    }

    /// <summary>What the chip maker signed.</summary>
    public ChipList List { get; }

    /// <summary>All chips, in the order of the list.</summary>
    public IReadOnlyCollection<ChipLeaf> Leaves => leaves;

    /// <summary>
    /// The list over these leaves, which it puts in the order of their chip IDs, and the leaves' bytes in
    /// that order.
    /// </summary>
    public static (ChipList List, byte[] Leaves) Compose(string family, uint lot, IEnumerable<ChipLeaf> chips)
    {
        var leaves = chips.Select(chip => chip.ToArray()).ToList();
        leaves.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));
        var root = MerkleTree.RootOf([.. leaves.Select(leaf => MerkleTree.LeafHash(leaf))]);
        return (new ChipList(family, lot, (uint)leaves.Count, root), [.. leaves.SelectMany(leaf => leaf)]);
    }

    /// <summary>
    /// Takes a list and the bytes of its leaves, one after the other. Refusals: those of any message,
    /// BadSignature, Malformed (count, order, a chip twice), BadProof (other leaves than were signed).
    /// </summary>
    public static Outcome<ListedChips> Verify(
        ReadOnlyMemory<byte> list, ReadOnlySpan<byte> leaves, PublicKey chipMaker)
    {
        if (Message.Parse<ChipList>(list).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        if (parsed.VerifySignature(chipMaker).Refused(out var verified, out var forged))
        {
            return forged;
        }

        var signed = verified.Content;
        if (leaves.Length != signed.Count * (long)ChipLeaf.Size)
        {
            return new Refusal(Reason.Malformed, $"{leaves.Length} bytes of leaves for {signed.Count} chips");
        }

        var places = new Dictionary<ChipId, int>();
        var read = new ChipLeaf[signed.Count];
        var hashes = new Digest[signed.Count];
        for (var i = 0; i < hashes.Length; i++)
        {
            var bytes = leaves.Slice(i * ChipLeaf.Size, ChipLeaf.Size);
            if (ChipLeaf.Parse(bytes).Refused(out var leaf, out var bad))
            {
                return bad;
            }

            if (!places.TryAdd(leaf.Chip, i))
            {
                return new Refusal(Reason.Malformed, $"chip {leaf.Chip} is listed twice");
            }

            read[i] = leaf;
            hashes[i] = MerkleTree.LeafHash(bytes);
        }

        return MerkleTree.RootOf(hashes) == signed.Root
            ? new ListedChips(signed, read, places, hashes)
            : new Refusal(Reason.BadProof, "these are not the leaves that the list was signed over");
    }

    /// <summary>A chip of the list; null when it is not one.</summary>
    public ChipLeaf? Find(ChipId chip) => places.TryGetValue(chip, out var place) ? leaves[place] : null;

    /// <summary>A chip of the list with its proof; null when it is not one.</summary>
    public ListedChip? Prove(ChipId chip) => places.TryGetValue(chip, out var place)
        ? new ListedChip(leaves[place], (uint)place, tree.Value.ProveInclusion(place).Path)
        : null;
}
