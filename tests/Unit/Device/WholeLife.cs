using System.Text;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.KeyDownload;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol.Sealing.Firmware;
using Keywright.PublicDirectory.Backup;
using Keywright.UnitTests.KeyDownload;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Device;

/// <summary>
/// A chip in a folder on its way through every command that it has, and another that seals for it, with the parties
/// that each command needs. All that they say is heard, and what was secret on the way is known.
/// </summary>
internal sealed class WholeLife : IDisposable
{
    private static readonly DeviceId Id = DeviceId.Parse("LAMP-0001").OrThrow();

    private readonly TemporaryFolder folder;
    private readonly DeliveryWorld world = new();
    private readonly SigningKey orderKey = SigningKey.Generate(new SeededNoise(70));
    private readonly HpkePrivateKey diagnostics = HpkePrivateKey.Generate(new SeededNoise(71));
    private readonly DeviceKey deviceKey = DeviceKey.FromBytes(ProvisioningBench.Bytes("K_D", DeviceKey.Size));
    private readonly DieSecrets die;
    private readonly SoftChip sealer;
    private SoftChip silicon;
    private BootedDevice booted;
    private IChip chip;

    public WholeLife(TemporaryFolder folder)
    {
        this.folder = folder;
        Fabricate("sealer", 2);
        Fabricate("chip", 1);
        die = DieSecrets.Of(folder.PathTo("chip"));
        sealer = SoftChip.Open(folder.PathTo("sealer"), new SeededNoise(74));
        silicon = SoftChip.Open(folder.PathTo("chip"), new SeededNoise(75));
        Boot();
        Assert.Equal(die.Identity, booted.State.Keys.Identity.Public);
    }

    /// <summary>What was said.</summary>
    public Heard Heard { get; } = new();

    /// <summary>Every secret but those of the dies.</summary>
    public KnownSecrets Secrets { get; } = new();

    /// <summary>From the blank chip to the recovered device.</summary>
    public void Live()
    {
        Provision();
        DownloadKey();
        Program();
        Update();
        Dump();
        LoseFlashAndRecover();
    }

    /// <summary>The chips' files are free.</summary>
    public void Dispose()
    {
        booted.Dispose();
        silicon.Dispose();
        sealer.Dispose();
        deviceKey.Dispose();
        diagnostics.Dispose();
        orderKey.Dispose();
        world.Dispose();
    }

    /// <summary>A copy of the chip as one that is named; the chip itself as any of its family.</summary>
    private void Provision()
    {
        using (var copy = BootedDevice.Boot(silicon.Snapshot()))
        {
            Assert.Null(Heard.Of(copy).Execute("provisioning", Sealed(PackageMode.Chip, "provision-named")));
        }

        var inputs = Sealed(PackageMode.Family, "provision");
        var package = new byte[inputs.SizeOf("package")];
        inputs.Read("package", 0, package);
        var changed = package.ToArray();
        changed[^100] ^= 1;
        Assert.Equal(Reason.DamagedPackage, chip.Execute("provisioning", inputs.With("package", changed))?.Reason);
        Run("provisioning", inputs.With("package", package));
        Run("receipt");
        Run("identify");
    }

    /// <summary>What the factory is handed for this chip.</summary>
    private MemoryHost Sealed(PackageMode mode, string command)
    {
        AssetContent[] assets =
        [
            .. ProvisioningBench.SmallAssets.Where(asset =>
                asset.Asset.Kind != AssetKind.Owner && asset.Asset.Storage != AssetStorage.TransportKey),
            AssetContent.Of(20, AssetKind.Key, AssetStorage.TransportKey, TestUnit.Transport),
            AssetContent.Of(21, AssetKind.Owner, AssetStorage.KeyStore, world.Owner.Public.Bytes.ToArray()),
        ];
        var (program, maker, oem) = (ProvisioningBench.Program, TestChips.ChipMaker.Public, orderKey.Public.Id);
        using var sealing = BootedDevice.Boot(sealer);
        var line = Heard.Of(sealing);
        var half = ProvisioningBench.Bytes($"the OEM's half, {mode}", 32);
        var (package, keeps) = SealPackage.Run(line, program, maker, oem, assets, half, mode: mode).OrThrow();
        var again = SealPackage.Again(line, program, maker, oem, assets, keeps, mode: mode).OrThrow();
        Assert.True(SealPackage.Again(line, program, maker, Digest.Zero, assets, keeps).Refused(out _, out _));
        PackageSecrets.AddTo(Secrets, die, package.Package, keeps, die.Chip);
        PackageSecrets.AddTo(Secrets, die, again.Package, keeps);
        return new MemoryHost()
            .With("program", program)
            .With("command", Encoding.ASCII.GetBytes(command))
            .With("package", package.Package)
            .With("unlock", Unlock(line, mode, package.Package, keeps))
            .With("order", SignOrder.Run(
                ProvisioningBench.OrderOf() with { Mode = mode }, [package.Package], orderKey).OrThrow().Bytes)
            .With("order-key", orderKey.Public.Bytes.ToArray());
    }

    private byte[] Unlock(IChip line, PackageMode mode, byte[] package, Keeps keeps)
    {
        var (program, maker) = (ProvisioningBench.Program, TestChips.ChipMaker.Public);
        if (mode == PackageMode.Family)
        {
            return UnlockPackage.ForFamily(line, program, maker, package, keeps).OrThrow();
        }

        var list = FabricateChips.List(
            TestChips.Family, ProvisioningBench.Lot, [NamedBench.FactsOf(silicon)], TestChips.ChipMaker).OrThrow();
        var leaf = ListedChips.Verify(list.List.Bytes, list.Leaves, maker).OrThrow().Prove(die.Chip)!;
        return UnlockPackage.ForChip(line, program, maker, package, keeps, list.List.Bytes, leaf).OrThrow();
    }

    private void DownloadKey()
    {
        using var sam = new TestSam();
        AddUnits.Run(sam.Sam, [new SerialNumber(die.Chip.ToArray())]);
        var request = Run("challenge", new MemoryHost().With("ref1", new byte[] { 0, 0, 0, (byte)TestSam.Ref1 }))
            .Emitted("export-key");
        var answer = ExportKeyToUnit.Run(sam.Sam, request).OrThrow().Encode();
        Assert.NotNull(chip.Execute("import-key", new MemoryHost().With("import-key", answer.AsMemory(1))));
        Run("import-key", new MemoryHost().With("import-key", answer));
    }

    private void Program()
    {
        using var image = new ProgramFile(ProvisioningBench.Bytes("bootloader", 900));
        var content = new ProgramContent
        {
            Kid = ProgramContent.FirstKid,
            Key = deviceKey,
            Devices = [Id],
            Product = DeliveryWorld.Product,
            DeviceType = DeliveryWorld.DeviceType,
            Encoding = ImageEncoding.Raw(0),
            Image = image,
        };
        var call = ProgramSealer.Seal(content, die.Chip, booted.State.Keys.Kem.Public, new SeededEntropy(72));
        Assert.NotNull(chip.Execute("program", new MemoryHost().With("head", call.Head.AsMemory(1))));
        Run("program", new MemoryHost().With("head", call.Head).With("image", call.Image));
        world.Register(die.Chip, Id, deviceKey);
        foreach (var key in new[]
        {
            DeliveryKeys.Claim(deviceKey), DeliveryKeys.Grant(deviceKey), DeliveryKeys.Done(deviceKey),
            DeliveryKeys.Refusal(deviceKey),
        })
        {
            Secrets.Add("a delivery key", key.Expose());
            key.Dispose();
        }
    }

    private void Update()
    {
        world.Publish(1, change: plan => plan with
        {
            Programs = [plan.Programs[0] with { Diagnostics = diagnostics.Public.Id }],
            Keys = [new ModuleKey(diagnostics.Public, 1)],
        });
        world.Close.Close(Granted("install")).OrThrow();
        Run("software");
        Run("boot-ok");

        world.Publish(2, size: 400_000);
        world.Close.Close(Granted("decline")).OrThrow();
        var claim = Run("claim").Emitted("claim");
        using var mac = DeliveryKeys.Refusal(deviceKey);
        var refusal = new DeliveryRefusal(Digest.Of(claim), 3, FailedCondition.NotEnabled);
        Run("refused", new MemoryHost().With("refusal", Message.Mac(refusal, mac).Bytes));

        var module = TestModule.Sign(world.Owner, 3, change: plan => plan with
        {
            Programs = [plan.Programs[0] with { Diagnostics = diagnostics.Public.Id }],
            Keys = [new ModuleKey(diagnostics.Public, 1)],
        });
        Run("install-module", new MemoryHost().With("module", module.Manifest).With("bodies", module.Clear));
    }

    private byte[] Granted(string command)
    {
        var grant = world.Deliver.Answer(Run("claim").Emitted("claim")).OrThrow();
        using var bodies = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow();
        Run(command, new MemoryHost()
            .With("grant", grant).With("module", bodies.Manifest).With("bodies", DeliveryWorld.ReadAll(bodies)));
        return Run("done").Emitted("done");
    }

    private void Dump()
    {
        var request = new DumpRequest(
            world.Owner.Public.Id, "app", DumpKind.ElfCore, DumpTrigger.Crash, TimeSeconds: 1_800_000_000);
        Run("dump", new MemoryHost()
            .With("request", request.Encode()).With("content", ProvisioningBench.Bytes("core", 5000)));
    }

    private void LoseFlashAndRecover()
    {
        var parties = new BackupParties();
        var files = new MemoryFiles();
        var issuer = Message.Sign(
            new Issuer(parties.IssuingKey.Public, DeliveryWorld.Product, parties.LogKey.ToString()), orderKey);
        var directory = parties.OpenDirectory(files);
        directory.Admit(orderKey.Public.Id, orderKey.Public.Bytes, issuer.Bytes).OrThrow();
        Run("possess", new MemoryHost()
            .With("nonce", ProvisioningBench.Bytes("nonce", Possession.NonceSize))
            .With("device-id", Encoding.ASCII.GetBytes($"{Id}")));
        Run("certify", new MemoryHost()
            .With("order-key", orderKey.Public.Bytes.ToArray())
            .With("issuer", issuer.Bytes)
            .With("certificate", Message.Sign(Certificate(), parties.IssuingKey).Bytes));
        PublishEntry.Run(directory, Run("backup").Emitted("entry")).OrThrow();
        var found = LookUpChip.Run(files, die.Chip).OrThrow()[0];
        var proof = ProveEntry.Run(files, found.Listed).OrThrow();
        Run("show-proof", new MemoryHost().With("proof", proof));
        StoredKeys.AddTo(Secrets, booted.State);

        booted.Dispose();
        silicon.Dispose();
        File.Delete(Path.Combine(folder.PathTo("chip"), "flash"));
        silicon = SoftChip.Open(folder.PathTo("chip"), new SeededNoise(73));
        Boot();
        Assert.Equal(Reason.StaleBackup, chip.Execute("backup", new MemoryHost())?.Reason);
        Run("recover", new MemoryHost()
            .With("entry", found.Entry)
            .With("proof", proof)
            .With("issuer", found.Issuer)
            .With("order-key", found.OrderKey));
        Run("identify");
    }

    private Certificate Certificate() => new()
    {
        Chip = die.Chip,
        Device = Id,
        DeviceType = DeliveryWorld.DeviceType,
        Identity = booted.State.Keys.Identity.Public,
        Tls = booted.State.Keys.Tls.Public,
        Kem = booted.State.Keys.Kem.Public,
        Issued = 1_790_000_000,
        Station = "station-1",
        Product = DeliveryWorld.Product,
    };

    private MemoryHost Run(string command, MemoryHost? host = null)
    {
        host ??= new MemoryHost();
        Assert.Null(chip.Execute(command, host));
        return host;
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(booted), nameof(chip))]
    private void Boot()
    {
        booted = BootedDevice.Boot(silicon);
        chip = Heard.Of(booted);
    }

    private void Fabricate(string name, ulong number) => SoftChip.FabricateIn(
        folder.PathTo(name),
        TestChips.Immutable(number),
        new SeededNoise(number),
        new byte[SoftChip.TesterSize],
        new FlashGeometry(64, 4096));
}
