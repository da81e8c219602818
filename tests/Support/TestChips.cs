using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.TestSupport;

/// <summary>Chips of one made-up family, each decided by its number.</summary>
internal static class TestChips
{
    public const string Family = "test family";

    /// <summary>The chip maker's key of the family.</summary>
    public static readonly SigningKey ChipMaker = SigningKey.Generate(new SeededNoise(0xC41F));

    /// <summary>A chip in memory with 64 pages of 4 KiB.</summary>
    public static SoftChip Make(
        ulong number = 1, uint lot = 1, FlashGeometry? geometry = null, Digest? lockedTo = null) =>
        SoftChip.Fabricate(
            Immutable(number, lot, lockedTo),
            new SeededNoise(number),
            new byte[SoftChip.TesterSize],
            geometry ?? new FlashGeometry(64, 4096));

    /// <summary>The immutable memory of such a chip: the shares are the same in all of them.</summary>
    public static ImmutableMemory Immutable(ulong number = 1, uint lot = 1, Digest? lockedTo = null)
    {
        var id = new byte[16];
        new SeededNoise(~number).Fill(id);
        var (shares, oemShare, masterShare) = FamilySecrets();
        return new ImmutableMemory(
            ChipId.FromRandom(id),
            Family,
            lot,
            ChipMaker.Public.Bytes,
            [.. shares.Select(share => new FamilyShare(share))],
            new OemShareKey(oemShare),
            new OemMasterShareKey(masterShare),
            lockedTo);
    }

    /// <summary>What all chips of the family have in common: who opens one of them up has it of all.</summary>
    public static (byte[][] Shares, byte[] OemShare, byte[] MasterShare) FamilySecrets()
    {
        var secrets = new SeededNoise(0xFA111);
        return ([Draw(secrets), Draw(secrets)], Draw(secrets), Draw(secrets));
    }

    private static byte[] Draw(SeededNoise noise)
    {
        var bytes = new byte[32];
        noise.Fill(bytes);
        return bytes;
    }
}
