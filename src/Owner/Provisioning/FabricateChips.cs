using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>
/// What the tester writes into one chip: its ID, its immutable memory, and 32 random bytes to mix into its
/// chip key.
/// </summary>
public sealed record FabricatedChip(ChipId Chip, byte[] ImmutableMemory, byte[] TesterBytes);

/// <summary>
/// The chip maker's list of a lot: the signed message, and the leaves that travel beside it.
/// </summary>
public sealed record SignedChipList(Verified<ChipList> List, byte[] Leaves);

/// <summary>
/// The chip maker makes chips of a family and lists them (docs/spec/provisioning.md §1, §9).
/// </summary>
public static class FabricateChips
{
    private const int TesterSize = 32;

    /// <summary>One new chip's content. Bytes are secret: they go into the chip and are wiped.</summary>
    public static FabricatedChip One(ChipFamily family, uint lot, IEntropy entropy, Digest? lockedTo = null)
    {
        Span<byte> random = stackalloc byte[ChipId.Size - 1];
        entropy.Fill(random);
        var chip = ChipId.FromRandom(random);
        var tester = new byte[TesterSize];
        entropy.Fill(tester);
        return new FabricatedChip(chip, family.ImmutableMemoryOf(chip, lot, lockedTo), tester);
    }

    /// <summary>
    /// Signs the list of a lot over what each chip said of itself on the tester, where nobody stands in
    /// between. Refusals: WrongFamily, WrongLot, Malformed (a chip twice).
    /// </summary>
    public static Outcome<SignedChipList> List(
        string family, uint lot, IReadOnlyCollection<ChipFacts> chips, SigningKey chipMaker)
    {
        var seen = new HashSet<ChipId>();
        foreach (var chip in chips)
        {
            if (chip.Family != family)
            {
                return new Refusal(Reason.WrongFamily, $"chip {chip.ChipId} is of {chip.Family}");
            }

            if (chip.Lot != lot)
            {
                return new Refusal(Reason.WrongLot, $"chip {chip.ChipId} is of lot {chip.Lot}");
            }

            if (!seen.Add(chip.ChipId))
            {
                return new Refusal(Reason.Malformed, $"chip {chip.ChipId} comes twice");
            }
        }

        var (list, leaves) = ListedChips.Compose(
            family, lot, chips.Select(chip => new ChipLeaf(chip.ChipId, chip.Identity, chip.Kem)));
        return new SignedChipList(Message.Sign(list, chipMaker), leaves);
    }
}
