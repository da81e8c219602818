using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.TestSupport;

/// <summary>Chips that their maker listed, and unlocks for each of them for a package in chip mode.</summary>
internal sealed class NamedBench
{
    private readonly ProvisioningBench bench;

    public NamedBench(ProvisioningBench bench, params SoftChip[] chips)
    {
        this.bench = bench;
        Signed = FabricateChips.List(
            TestChips.Family, ProvisioningBench.Lot, [.. chips.Select(FactsOf)], TestChips.ChipMaker).OrThrow();
        Listed = ListedChips.Verify(
            Signed.List.Bytes, Signed.Leaves, TestChips.ChipMaker.Public).OrThrow();
    }

    public SignedChipList Signed { get; }

    public ListedChips Listed { get; }

    public static ChipFacts FactsOf(SoftChip chip)
    {
        using var booted = BootedDevice.Boot(chip.Snapshot());
        var host = new MemoryHost();
        booted.Execute("identify", host);
        return ChipFacts.Parse(host.Emitted("facts")).OrThrow();
    }

    /// <summary>The inputs of "unlock-for-chip", to be changed at will.</summary>
    public MemoryHost Unlocking(SoftChip chip) => new MemoryHost()
        .With("program", ProvisioningBench.Program)
        .With("command", "unlock-for-chip"u8.ToArray())
        .With("package", bench.Sealed.Package)
        .With("keep-input", bench.Keeps.Input)
        .With("keep-share", bench.Keeps.Share)
        .With("list", Signed.List.Bytes)
        .With("leaf", Listed.Prove(chip.Immutable.ChipId)!.ToArray());

    public byte[] UnlockFor(SoftChip chip)
    {
        using var sealer = BootedDevice.Boot(bench.Sealer);
        return UnlockPackage.ForChip(
            sealer,
            ProvisioningBench.Program,
            TestChips.ChipMaker.Public,
            bench.Sealed.Package,
            bench.Keeps,
            Signed.List.Bytes,
            Listed.Prove(chip.Immutable.ChipId)!).OrThrow();
    }

    /// <summary>The inputs of a good provisioning of a chip that is named, to be changed at will.</summary>
    public MemoryHost InputsFor(SoftChip chip) => bench.Inputs
        .With("command", "provision-named"u8.ToArray())
        .With("unlock", UnlockFor(chip));
}
