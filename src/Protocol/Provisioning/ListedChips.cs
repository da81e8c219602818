using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>The chips of a verified list, by chip ID.</summary>
public sealed class ListedChips
{
    /// <summary>The most chips in one list.</summary>
    public const int MaxCount = 1 << 24;

    private readonly Dictionary<ChipId, ChipLeaf> byId;

    private ListedChips(ChipList list, Dictionary<ChipId, ChipLeaf> byId)
    {
        List = list;
        this.byId = byId;
    }

    /// <summary>What the chip maker signed.</summary>
    public ChipList List { get; }

    /// <summary>All chips.</summary>
    public IReadOnlyCollection<ChipLeaf> Leaves => byId.Values;

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

        var byId = new Dictionary<ChipId, ChipLeaf>();
        var hashes = new Digest[signed.Count];
        for (var i = 0; i < hashes.Length; i++)
        {
            var bytes = leaves.Slice(i * ChipLeaf.Size, ChipLeaf.Size);
            if (ChipLeaf.Parse(bytes).Refused(out var leaf, out var bad))
            {
                return bad;
            }

            if (!byId.TryAdd(leaf.Chip, leaf))
            {
                return new Refusal(Reason.Malformed, $"chip {leaf.Chip} is listed twice");
            }

            hashes[i] = MerkleTree.LeafHash(bytes);
        }

        return MerkleTree.RootOf(hashes) == signed.Root
            ? new ListedChips(signed, byId)
            : new Refusal(Reason.BadProof, "these are not the leaves that the list was signed over");
    }

    /// <summary>A chip of the list; null when it is not one.</summary>
    public ChipLeaf? Find(ChipId chip) => byId.GetValueOrDefault(chip);
}
