using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.Bench;

/// <summary>A chip maker, an OEM with a sealed package and an order, and as many blank chips as are asked for; all in memory.</summary>
internal sealed class LotWorld
{
    private const string Family = "bench";
    private const uint Lot = 1;

    private static readonly DrawnBytes Entropy = new();

    private readonly SigningKey chipMaker = SigningKey.Generate(Entropy);
    private readonly ChipFamily family;
    private readonly byte[] program;
    private readonly IReadOnlyList<AssetContent> assets;

    /// <summary>A package with one program of so many bytes, a key of each device's own, and a generated one.</summary>
    public LotWorld(int programBytes)
    {
        family = ChipFamily.Create(Family, 3, chipMaker.Public, Entropy);
        program = SignProgram.Run(
            Assembler.Assemble(File.ReadAllText(Checkout.PathTo("examples/provisioning/provision.kwp")), Family, 1).Program!,
            chipMaker).OrThrow().Bytes.ToArray();
        assets =
        [
            AssetContent.Of(1, AssetKind.Seed, AssetStorage.KeyStore, Entropy.Draw(32)),
            AssetContent.Generated(2, 32),
            AssetContent.Of(3, AssetKind.Program, AssetStorage.FlashObject, Entropy.Draw(programBytes)),
        ];
        using var sealer = BootedDevice.Boot(Blank());
        (Package, var keeps) = Seal(sealer);
        Unlock = UnlockPackage.ForFamily(sealer, program, chipMaker.Public, Package.Package, keeps).OrThrow();
        Order = SignOrder.Run(
            new Order("1", "pump", "north", Family, [Lot], 1_000_000, PackageMode.Family, [], 0), [Package.Package], OrderKey)
            .OrThrow();
    }

    public SigningKey OrderKey { get; } = SigningKey.Generate(Entropy);

    public SealedPackage Package { get; }

    public byte[] Unlock { get; }

    public Verified<Order> Order { get; }

    /// <summary>What a station is handed.</summary>
    public LotFiles Files => LotFiles.Parse(
        program, Package.Package, LotUnlocks.OfFamily(Unlock), Order.Bytes, OrderKey.Public, chipMaker.Public).OrThrow();

    public (SealedPackage Package, Keeps Keeps) Seal(IChip chip) => SealPackage.Run(
        chip, program, chipMaker.Public, OrderKey.Public.Id, assets, Entropy.Draw(32)).OrThrow();

    /// <summary>A new chip of the lot.</summary>
    public SoftChip Blank(FlashGeometry? geometry = null)
    {
        var made = FabricateChips.One(family, Lot, Entropy);
        return SoftChip.Fabricate(ImmutableMemory.Read(made.ImmutableMemory).OrThrow(), Entropy, made.TesterBytes, geometry);
    }

    /// <summary>Provisions a chip and gives its receipt.</summary>
    public byte[] Provision(ISilicon silicon)
    {
        using var chip = BootedDevice.Boot(silicon);
        var host = Files.InputsOf(silicon.Immutable.ChipId);
        return chip.Execute("provisioning", host) is { } why
            ? throw new InvalidOperationException(why.ToString())
            : host.Emitted("receipt");
    }

    /// <summary>The chip maker's list of these chips.</summary>
    public SignedChipList List(IEnumerable<SoftChip> chips) =>
        FabricateChips.List(Family, Lot, [.. chips.Select(Identify)], chipMaker).OrThrow();

    /// <summary>The list as an OEM reads it: no key of it was imported before.</summary>
    public ListedChips Read(SignedChipList list) =>
        ListedChips.Verify(list.List.Bytes, list.Leaves, chipMaker.Public).OrThrow();

    private static ChipFacts Identify(SoftChip silicon)
    {
        using var chip = BootedDevice.Boot(silicon);
        var host = new MemoryHost();
        return chip.Execute("identify", host) is { } why
            ? throw new InvalidOperationException(why.ToString())
            : ChipFacts.Parse(host.Emitted("facts")).OrThrow();
    }
}
