using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// One chip of a list with the proof that it is in it (docs/spec/provisioning.md §9): [1, leaf, index, path].
/// Everybody who holds the signed list can check it without the other leaves; a chip does.
/// </summary>
public sealed record ListedChip(ChipLeaf Leaf, uint Index, IReadOnlyList<Digest> Path)
{
    /// <summary>The most bytes of one.</summary>
    public const int MaxSizeBytes = 1024;

    private const uint Version = 1;
    private const int MaxPathLength = 24;

    /// <summary>Reads the array. Refusals: Malformed, TooLarge, WrongVersion, UnknownKey.</summary>
    public static Outcome<ListedChip> Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        reader.Array(4, 4);
        var version = reader.UInt(ulong.MaxValue);
        if (!reader.Failed && version != Version)
        {
            reader.Refuse(Reason.WrongVersion, $"version {version}, this reader knows {Version}");
        }

        var leaf = ChipLeaf.Read(ref reader);
        var index = reader.UInt32(ListedChips.MaxCount - 1);
        var path = new Digest[reader.Array(0, MaxPathLength)];
        for (var i = 0; i < path.Length; i++)
        {
            path[i] = reader.Digest();
        }

        reader.EndArray();
        reader.EndArray();
        return reader.Finish() is { } malformed ? malformed : new ListedChip(leaf, index, path);
    }

    /// <summary>The array.</summary>
    public byte[] ToArray()
    {
        using var writer = new CborWriter(512);
        writer.Array(4).UInt(Version);
        Leaf.Write(writer);
        writer.UInt(Index).Array(Path.Count);
        foreach (var sibling in Path)
        {
            writer.Digest(sibling);
        }

        return writer.ToArray();
    }

    /// <summary>Null: it is in this list. Refusals: BadProof.</summary>
    public Refusal? FaultIn(ChipList list)
    {
        var proof = new InclusionProof(Index, list.Count, Path);
        return proof.RootFrom(MerkleTree.LeafHash(Leaf.ToArray())).Refused(out var root, out var why)
            ? why
            : root == list.Root ? null : new Refusal(Reason.BadProof, $"chip {Leaf.Chip} is not in this list");
    }
}
