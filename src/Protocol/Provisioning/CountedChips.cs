using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// S1&lt;counted-chips, OEM&gt; (docs/spec/provisioning.md §8): the chips whose receipts the OEM counted
/// under an order, for the site, which answers no other chip.
/// </summary>
/// <param name="Order">H(Order).</param>
/// <param name="Chips">At most the order's quota, by rising chip ID.</param>
public sealed record CountedChips(Digest Order, IReadOnlyList<ChipLeaf> Chips) : IMessage<CountedChips>
{
    /// <summary>The most chips in one message.</summary>
    public const int MaxCount = 1 << 18;

    private const int OverheadBytes = 512;

    public static MessageType Type { get; } =
        new("counted-chips", Protection.Signature, (MaxCount * ChipLeaf.Size) + OverheadBytes);

    /// <summary>
    /// What the site does with one. Refusals: those of any message, BadSignature, ForeignReceipt (counted
    /// under another order).
    /// </summary>
    public static Outcome<Verified<CountedChips>> Verify(
        ReadOnlyMemory<byte> counted, Digest order, PublicKey orderKey)
    {
        if (Message.Parse<CountedChips>(counted).Refused(out var parsed, out var why)
            || parsed.VerifySignature(orderKey).Refused(out var verified, out why))
        {
            return why;
        }

        return verified.Content.Order == order
            ? verified
            : new Refusal(Reason.ForeignReceipt, $"counted under order {verified.Content.Order}");
    }

    public static CountedChips Read(ref CborReader reader)
    {
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        var order = reader.Digest();
        reader.Key(2);
        var chips = new List<ChipLeaf>();
        for (var left = reader.Array(0, MaxCount); left > 0 && !reader.Failed; left--)
        {
            var chip = ChipLeaf.Read(ref reader);
            if (!reader.Failed && chips.Count > 0 && !IsBefore(chips[^1], chip))
            {
                reader.Refuse(Reason.Malformed, $"chip {chip.Chip} is not in the order of chip IDs");
            }

            chips.Add(chip);
        }

        reader.EndArray();
        reader.EndMap();
        return new CountedChips(order, chips);
    }

    public void Write(CborWriter writer)
    {
        writer.Map(3).Key(0).UInt(1).Key(1).Digest(Order).Key(2).Array(Chips.Count);
        foreach (var chip in Chips.OrderBy(chip => chip.Chip.ToString(), StringComparer.Ordinal))
        {
            chip.Write(writer);
        }
    }

    private static bool IsBefore(ChipLeaf first, ChipLeaf second) =>
        first.Chip.ToArray().AsSpan().SequenceCompareTo(second.Chip.ToArray()) < 0;
}
