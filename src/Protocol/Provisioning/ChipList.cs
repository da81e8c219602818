using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// S1&lt;chip-list, chip maker&gt; (docs/spec/provisioning.md §9): which chips of a lot are genuine, by the
/// root of a Merkle tree (RFC 6962) over their leaves. The leaves travel beside it; one chip can be shown to
/// be listed without the others.
/// </summary>
/// <param name="Family">Of which family.</param>
/// <param name="Lot">Which lot.</param>
/// <param name="Count">How many chips.</param>
/// <param name="Root">Root over the leaves in the order of their chip IDs.</param>
public sealed record ChipList(string Family, uint Lot, uint Count, Digest Root) : IMessage<ChipList>
{
    public static MessageType Type { get; } = new("chip-list", Protection.Signature, 512);

    public static ChipList Read(ref CborReader reader)
    {
        reader.Map(5);
        reader.Version(1);
        reader.Key(1);
        var family = ShortText.Read(ref reader);
        reader.Key(2);
        var lot = reader.UInt32();
        reader.Key(3);
        var count = reader.UInt32(ListedChips.MaxCount);
        reader.Key(4);
        var root = reader.Digest();
        reader.EndMap();
        return new ChipList(family, lot, count, root);
    }

    public void Write(CborWriter writer) => writer.Map(5)
        .Key(0).UInt(1)
        .Key(1).Text(Family)
        .Key(2).UInt(Lot)
        .Key(3).UInt(Count)
        .Key(4).Digest(Root);
}

/// <summary>One chip in a list: its ID and its two public keys; 153 bytes, a CBOR array.</summary>
public sealed record ChipLeaf(ChipId Chip, PublicKey Identity, HpkePublicKey Kem)
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 1 + 1 + ChipId.Size + (2 * (2 + PublicKey.Size));

    /// <summary>Reads the array. Refusals: Malformed, UnknownKey.</summary>
    public static Outcome<ChipLeaf> Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        var leaf = Read(ref reader);
        return reader.Finish() is { } malformed ? malformed : leaf;
    }

    /// <summary>The array.</summary>
    public byte[] ToArray()
    {
        using var writer = new CborWriter(Size);
        Write(writer);
        return writer.ToArray();
    }

    internal static ChipLeaf Read(ref CborReader reader)
    {
        reader.Array(3, 3);
        var leaf = new ChipLeaf(
            ChipId.Read(ref reader), PublicKey.Read(ref reader), HpkePublicKey.Read(ref reader));
        reader.EndArray();
        return leaf;
    }

    internal void Write(CborWriter writer) =>
        writer.Array(3).Bytes(Chip.ToArray()).Bytes(Identity.Bytes).Bytes(Kem.Bytes);
}
