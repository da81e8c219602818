using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>
/// What the machine knows while a program runs: the chip, the program, and what has been read so far. A fact
/// is asked for only after the instruction that brings it; the checker has seen to that.
/// </summary>
internal sealed class Facts(ChipState chip, ProvisioningProgram program)
{
    /// <summary>Size of shares and roots.</summary>
    public const int RootSize = 32;

    public ProvisioningProgram Program => program;

    public SealPlan? Plan { get; set; }

    public Digest PlanHash { get; set; }

    public PackageHeader? Header { get; set; }

    public Order? Order { get; set; }

    public Digest OrderHash { get; set; }

    public Digest OrderKey { get; set; }

    public byte[] PackageTag { get; set; } = [];

    public ChipLeaf? Leaf { get; set; }

    /// <summary>Number of the asset at hand in the header, from 0.</summary>
    public int AssetNumber { get; set; }

    public Asset Asset => Header!.Assets[AssetNumber];

    public IReadOnlyList<FamilyShare> Shares => chip.Immutable.Shares;

    public PublicValue this[Fact fact] => fact switch
    {
        Fact.ChipId => PublicValue.Of(chip.Immutable.ChipId.ToArray()),
        Fact.ChipFamily => PublicValue.Of(chip.Immutable.Family),
        Fact.ChipLot => PublicValue.Of(chip.Immutable.Lot),
        Fact.ChipLifecycle => PublicValue.Of((ulong)chip.Monotonic.Lifecycle),
        Fact.ChipShares => PublicValue.Of((ulong)Shares.Count),
        Fact.ChipCounter => PublicValue.Of(chip.Monotonic.Boots),
        Fact.ProgramFamily => PublicValue.Of(program.Family),
        Fact.ProgramEpoch => PublicValue.Of(program.Epoch),
        Fact.ProgramVersion => PublicValue.Of(program.Version),
        Fact.PlanHash => PublicValue.Of(PlanHash),
        Fact.PlanOem => PublicValue.Of(Plan!.Oem),
        Fact.PlanMode => PublicValue.Of((ulong)Plan!.Mode),
        Fact.OrderHash => PublicValue.Of(OrderHash),
        Fact.OrderKey => PublicValue.Of(OrderKey),
        Fact.OrderFamily => PublicValue.Of(Order!.Family),
        Fact.OrderMode => PublicValue.Of((ulong)Order!.Mode),
        Fact.AssetNumber => PublicValue.Of((ulong)AssetNumber),
        Fact.AssetRef => PublicValue.Of(Asset.Ref),
        Fact.AssetKind => PublicValue.Of((ulong)Asset.Kind),
        Fact.AssetSize => PublicValue.Of(Asset.SizeBytes),
        Fact.PackageTag => PublicValue.Of(PackageTag),
        Fact.LeafChip => PublicValue.Of(Leaf!.Chip.ToArray()),
        _ => OfHeader(fact, Header!),
    };

    /// <summary>The members of a list.</summary>
    public IEnumerable<PublicValue> List(Fact fact) => fact == Fact.OrderLots
        ? Order!.Lots.Select(lot => PublicValue.Of(lot))
        : Order!.Packages.Select(PublicValue.Of);

    /// <summary>
    /// KDF(share, "epoch", [epoch of the program]): all that a program ever sees of it, so that an old one
    /// opens nothing new.
    /// </summary>
    public void DeriveOfEpoch(Secret share, Span<byte> destination) =>
        Kdf.Derive(share.Expose(), "epoch", CborItem.Array(program.Epoch), destination);

    /// <summary>A root for the program.</summary>
    public void DeriveRoot(OemRoot root, Span<byte> destination)
    {
        if (root == OemRoot.Share)
        {
            DeriveOfEpoch(chip.Immutable.OemShareKey, destination);
        }
        else
        {
            chip.Immutable.OemMasterShareKey.Expose().CopyTo(destination);
        }
    }

    private static PublicValue OfHeader(Fact fact, PackageHeader header) => fact switch
    {
        Fact.HeaderHash => PublicValue.Of(header.Hash),
        Fact.HeaderFramed => PublicValue.Of(PackageLayout.Framed(header)),
        Fact.HeaderOem => PublicValue.Of(header.Oem),
        Fact.HeaderFamily => PublicValue.Of(header.Family),
        Fact.HeaderMode => PublicValue.Of((ulong)header.Mode),
        Fact.HeaderEpoch => PublicValue.Of(header.Epoch),
        Fact.HeaderPackage => PublicValue.Of(header.Package.ToArray()),
        Fact.HeaderKeysize => PublicValue.Of((ulong)PartKey.SizeOf(header.Suite)),
        _ => throw new ArgumentOutOfRangeException(nameof(fact)),
    };
}
