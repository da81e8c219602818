using System.Text;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.TestSupport;

/// <summary>An OEM with a package and an order for chips of the test family, all from one seed.</summary>
internal sealed class ProvisioningBench
{
    public const uint Lot = 1;
    public const uint Epoch = 1;

    public static readonly string ProgramText = File.ReadAllText(
        Repository.PathTo("examples", "provisioning", "provision.kwp"));

    public static readonly byte[] Program = SignText(ProgramText);

    private static readonly PublicKey OwnerKey = SigningKey.Generate(new SeededNoise(66)).Public;
    private static readonly byte[] OemRandom = Bytes("the OEM's half", 32);

    public ProvisioningBench(
        IReadOnlyList<AssetContent>? assets = null,
        ulong seed = 7,
        int blockSizeBytes = 1024,
        ulong? sealer = null,
        PackageSuite suite = PackageSuite.Gcm,
        PackageMode mode = PackageMode.Family)
    {
        Mode = mode;
        OrderKey = SigningKey.Generate(new SeededNoise(seed));
        Assets = assets ?? SmallAssets;
        Sealer = TestChips.Make(sealer ?? 1000 + seed);
        using var chip = BootedDevice.Boot(Sealer);
        (Sealed, Keeps) = SealPackage.Run(
            chip,
            Program,
            TestChips.ChipMaker.Public,
            OrderKey.Public.Id,
            Assets,
            OemRandom,
            blockSizeBytes,
            suite,
            mode).OrThrow();
        Unlock = mode == PackageMode.Family ? UnlockOf(Sealed) : [];
        Order = Sign(Sealed.Package);
    }

    /// <summary>One asset of every kind.</summary>
    public static IReadOnlyList<AssetContent> SmallAssets { get; } =
    [
        AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, Bytes("key", 32)),
        AssetContent.Of(2, AssetKind.Key, AssetStorage.TransportKey, Bytes("transport", 16)),
        AssetContent.Of(3, AssetKind.Seed, AssetStorage.KeyStore, Bytes("seed", 32)),
        AssetContent.Of(4, AssetKind.Share, AssetStorage.KeyStore, Bytes("share", 32)),
        AssetContent.Generated(5, 32),
        AssetContent.Of(6, AssetKind.Owner, AssetStorage.KeyStore, OwnerKey.Bytes.ToArray()),
        AssetContent.Of(7, AssetKind.Certificate, AssetStorage.FlashObject, Bytes("certificate", 700)),
        AssetContent.Of(8, AssetKind.Program, AssetStorage.FlashObject, Bytes("program", 3000)),
        AssetContent.Of(9, AssetKind.Configuration, AssetStorage.FlashObject, Bytes("configuration", 100)),
        AssetContent.Of(10, AssetKind.Data, AssetStorage.FlashObject, Bytes("data", 1024)),
    ];

    public SigningKey OrderKey { get; }

    public IReadOnlyList<AssetContent> Assets { get; }

    public SoftChip Sealer { get; }

    public SealedPackage Sealed { get; }

    public Keeps Keeps { get; }

    public PackageMode Mode { get; }

    /// <summary>The family's; in chip mode there is none: <see cref="NamedBench"/>.</summary>
    public byte[] Unlock { get; }

    public Verified<Order> Order { get; }

    /// <summary>The inputs of a good provisioning, to be changed at will.</summary>
    public MemoryHost Inputs => new MemoryHost()
        .With("program", Program)
        .With("command", "provision"u8.ToArray())
        .With("package", Sealed.Package)
        .With("unlock", Unlock)
        .With("order", Order.Bytes)
        .With("order-key", OrderKey.Public.Bytes.ToArray());

    public static byte[] SignText(
        string text, string family = TestChips.Family, uint epoch = Epoch, SigningKey? chipMaker = null)
    {
        var assembly = Assembler.Assemble(text, family, epoch);
        Assert.Empty(assembly.Errors);
        return Message.Sign(assembly.Program!, chipMaker ?? TestChips.ChipMaker).Bytes.ToArray();
    }

    public static Order OrderOf(params uint[] lots) => new(
        "order 1",
        "kettle",
        "factory north",
        TestChips.Family,
        lots.Length == 0 ? [Lot] : lots,
        100,
        PackageMode.Family,
        [],
        1_900_000_000);

    public static byte[] Bytes(string name, int size)
    {
        var bytes = new byte[size];
        new SeededNoise(BitConverter.ToUInt64(Digest.Of(Encoding.UTF8.GetBytes(name)).ToArray())).Fill(bytes);
        return bytes;
    }

    public Verified<Order> Sign(params ReadOnlyMemory<byte>[] packages) =>
        SignOrder.Run(OrderOf() with { Mode = Mode }, packages, OrderKey).OrThrow();

    /// <summary>The family's unlock of a package that was sealed from these halves.</summary>
    public byte[] UnlockOf(SealedPackage package, byte[]? program = null)
    {
        using var chip = BootedDevice.Boot(Sealer.Snapshot());
        return UnlockPackage.ForFamily(
            chip, program ?? Program, TestChips.ChipMaker.Public, package.Package, Keeps).OrThrow();
    }

    /// <summary>Provisions a chip; what it says, and its receipt.</summary>
    public (Refusal? Refusal, byte[] Receipt) Provision(SoftChip chip, MemoryHost? inputs = null)
    {
        inputs ??= Inputs;
        using var booted = BootedDevice.Boot(chip);
        return (booted.Execute("provisioning", inputs), inputs.Emitted("receipt"));
    }
}
