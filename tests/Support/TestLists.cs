using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.TestSupport;

/// <summary>Chip lists of the test family's chip maker.</summary>
internal static class TestLists
{
    public static SignedChipList Sign(IEnumerable<SoftChip> chips, uint lot = ProvisioningBench.Lot) =>
        FabricateChips.List(
        TestChips.Family, lot, [.. chips.Select(FactsOf)], TestChips.ChipMaker).OrThrow();

    public static ListedChips Of(IEnumerable<SoftChip> chips, uint lot = ProvisioningBench.Lot)
    {
        var signed = Sign(chips, lot);
        return ListedChips.Verify(signed.List.Bytes, signed.Leaves, TestChips.ChipMaker.Public).OrThrow();
    }

    public static ChipFacts FactsOf(SoftChip chip)
    {
        using var booted = BootedDevice.Boot(chip);
        var host = new MemoryHost();
        Assert.Null(booted.Execute("identify", host));
        return ChipFacts.Parse(host.Emitted("facts")).OrThrow();
    }
}
