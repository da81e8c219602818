using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Demo;

/// <summary>
/// A chip that plays another: it says that chip's ID, family and lot, runs the genuine software, and lacks what
/// was never told to anybody, the secrets in the die.
/// </summary>
internal static class Emulator
{
    private const int SecretSize = 32;

    /// <summary>Makes one of the chip in a folder, in the stage in which it would be programmed.</summary>
    public static void Make(string original, string folder, IEntropy entropy)
    {
        using (var chip = SoftChip.Open(original, entropy))
        {
            var known = chip.Immutable;
            using var immutable = new ImmutableMemory(
                known.ChipId,
                known.Family,
                known.Lot,
                known.ChipMakerKey.Span,
                [new FamilyShare(Guess(entropy)), new FamilyShare(Guess(entropy))],
                new OemShareKey(Guess(entropy)),
                new OemMasterShareKey(Guess(entropy)));
            SoftChip.FabricateIn(folder, immutable, entropy, Guess(entropy));
        }

        using var emulator = SoftChip.Open(folder, entropy);
        using var state = ChipState.Boot(emulator);
        using var transaction = state.Journal.Begin();
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
        transaction.Commit();
    }

    private static byte[] Guess(IEntropy entropy)
    {
        var bytes = new byte[SecretSize];
        entropy.Fill(bytes);
        return bytes;
    }
}
