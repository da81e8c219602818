using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Owner.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Device.Firmware;

public sealed class InstallTests : IDisposable
{
    private static readonly SigningKey Owner = SigningKey.Generate(new SeededEntropy(0x0A));
    private static readonly SigningKey OtherOwner = SigningKey.Generate(new SeededEntropy(0x0B));
    private static readonly SigningKey Stranger = SigningKey.Generate(new SeededEntropy(0x0C));
    private static readonly HpkePublicKey FirstKey = HpkePrivateKey.Generate(new SeededEntropy(1)).Public;
    private static readonly HpkePublicKey SecondKey = HpkePrivateKey.Generate(new SeededEntropy(2)).Public;

    private readonly TestDevice device;

    public InstallTests()
    {
        using var key = DeviceKey.FromBytes(new byte[DeviceKey.Size]);
        device = TestDevice.Program(
            1,
            DeviceId.Parse("LAMP-0001").OrThrow(),
            DeliveryWorld.Product,
            DeliveryWorld.DeviceType,
            key,
            Owner.Public,
            OtherOwner.Public);
    }

    [Fact]
    [Trait("Req", "D01")]
    [Trait("Req", "D02")]
    [Trait("Req", "D03")]
    public void Programs_of_several_owners_stand_each_with_its_own_key()
    {
        var ours = TestModule.Sign(Owner, 3, 0, plan => plan with
        {
            Programs =
            [
                TestModule.Source("app", 3, 20_000) with
                {
                    Diagnostics = FirstKey.Id,
                    BuildId = new byte[] { 1, 2 },
                },
                TestModule.Source("table", 3, 10) with { Kind = ProgramKind.Data },
                TestModule.Source("radio", 3, 16_384) with { Diagnostics = FirstKey.Id },
            ],
            Keys = [new ModuleKey(FirstKey, 1)],
        });
        var theirs = TestModule.Sign(OtherOwner, 1, 0, plan => plan with
        {
            Programs = [TestModule.Source("app", 9, 700) with { Diagnostics = SecondKey.Id }],
            Keys = [new ModuleKey(SecondKey, 4)],
        });
        Assert.Null(Install(ours));
        Assert.Null(Install(theirs));
        device.Reboot();

        var standing = device.Programs;
        Assert.Equal(4, standing.Programs.Count);
        Assert.Equal(ours.Programs[0], device.BytesOf(Owner.Public.Id, "app"));
        Assert.Equal(ours.Programs[2], device.BytesOf(Owner.Public.Id, "radio"));
        Assert.Equal(theirs.Programs[0], device.BytesOf(OtherOwner.Public.Id, "app"));
        Assert.Equal(FirstKey, standing.KeyOf(standing.Find(Owner.Public.Id, "app")!)!.Key.Public);
        Assert.Equal(FirstKey, standing.KeyOf(standing.Find(Owner.Public.Id, "radio")!)!.Key.Public);
        Assert.Null(standing.KeyOf(standing.Find(Owner.Public.Id, "table")!));
        Assert.Equal(
            new FiledKey(OtherOwner.Public.Id, new ModuleKey(SecondKey, 4)),
            standing.KeyOf(standing.Find(OtherOwner.Public.Id, "app")!));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    public void A_program_of_any_size_is_installed(int size)
    {
        var module = TestModule.Sign(Owner, 1, size);
        Assert.Null(Install(module));
        Assert.Equal(module.Programs[0], device.BytesOf(Owner.Public.Id, "app"));
    }

    [Fact]
    public void A_newer_module_brings_its_key_and_the_old_key_goes_with_its_last_program()
    {
        Assert.Null(Install(Keyed(1, FirstKey)));
        Assert.Null(Install(Keyed(2, SecondKey)));
        var filed = Assert.Single(device.Programs.Keys);
        Assert.Equal(SecondKey, filed.Key.Public);
    }

    [Fact]
    [Trait("Req", "D03")]
    public void A_module_of_a_stranger_installs_nothing() =>
        AssertRefused(Reason.ForeignModule, TestModule.Sign(Stranger, 1));

    [Fact]
    [Trait("Req", "D03")]
    public void A_module_signed_by_another_than_it_says_installs_nothing()
    {
        var module = TestModule.Sign(Owner, 1);
        var forged = Message.Sign(module.Signed.Content, Stranger);
        AssertRefused(Reason.BadSignature, module with { Signed = forged });
    }

    [Fact]
    public void A_module_for_another_product_type_or_device_installs_nothing()
    {
        AssertRefused(Reason.ForeignModule, Changed(plan => plan with { Product = "door" }));
        AssertRefused(Reason.ForeignModule, Changed(plan => plan with { DeviceTypes = ["lamp-3"] }));
        AssertRefused(
            Reason.ForeignModule,
            Changed(plan => plan with { Devices = [DeviceId.Parse("LAMP-0002").OrThrow()] }));
    }

    [Fact]
    public void What_a_module_requires_must_stand_here()
    {
        var needy = Changed(plan => plan with { Sequence = 2, Requires = [new Requirement("app", 1)] });
        AssertRefused(Reason.PredecessorMissing, needy);
        Assert.Null(Install(TestModule.Sign(Owner, 1)));
        Assert.Null(Install(needy));
    }

    [Fact]
    public void An_older_flash_that_is_put_back_brings_no_older_program_back()
    {
        Assert.Null(Install(TestModule.Sign(Owner, 1)));
        Assert.Null(device.Run("boot-ok"));
        var flash = (MemoryFlash)device.Chip.Snapshot().Flash;
        Assert.Null(Install(TestModule.Sign(Owner, 2)));
        Assert.Null(device.Run("boot-ok"));
        using var back = TestDevice.Of(device.Chip.WithFlash(flash));
        Assert.Null(back.Programs.Find(Owner.Public.Id, "app"));
        Assert.NotNull(device.Programs.Find(Owner.Public.Id, "app"));
    }

    [Fact]
    public void An_older_module_comes_back_until_the_newer_one_has_booted_well()
    {
        var old = TestModule.Sign(Owner, 1);
        var newer = TestModule.Sign(Owner, 2);
        Assert.Null(Install(newer));
        Assert.Null(Install(old));
        Assert.Null(Install(newer));
        Assert.Null(device.Run("boot-ok"));
        AssertRefused(Reason.Rollback, old);
        device.Reboot();
        AssertRefused(Reason.Rollback, old);
        Assert.Null(Install(newer));
        Assert.Equal(2ul, device.State.Monotonic.MinimumSequenceOf(Owner.Public.Id, "app"));
        Assert.Equal(0ul, device.State.Monotonic.MinimumSequenceOf(OtherOwner.Public.Id, "app"));
    }

    [Fact]
    public void A_changed_or_shortened_body_installs_nothing()
    {
        var module = TestModule.Sign(Owner, 1, 20_000);
        var clear = module.Clear;
        clear[19_999] ^= 1;
        AssertRefused(Reason.BodyMismatch, module, clear);
        AssertRefused(Reason.MissingInput, module, clear.AsMemory(0, 19_999));
    }

    [Fact]
    public void A_module_too_large_for_the_flash_installs_nothing() =>
        AssertRefused(Reason.StoreFull, TestModule.Sign(Owner, 1, 300_000));

    [Fact]
    public void More_programs_than_the_table_holds_are_refused()
    {
        for (var i = 0; i < Installed.MaxCount; i++)
        {
            Assert.Null(Install(Named($"p{i}", (ulong)i + 1)));
        }

        AssertRefused(Reason.StoreFull, Named("one-too-many", 99));
    }

    [Fact]
    public void A_device_that_was_never_programmed_takes_no_module_and_claims_nothing()
    {
        var chip = TestChips.Make(2);
        using var blank = BootedDevice.Boot(chip);
        Assert.Equal(Reason.WrongLifecycle, blank.Execute("claim", new MemoryHost())?.Reason);
        Assert.Equal(Reason.MissingInput, blank.Execute("install-module", new MemoryHost())?.Reason);
    }

    [Fact]
    public void A_nameplate_with_another_id_is_not_believed()
    {
        using (var transaction = device.State.Journal.Begin())
        {
            var other = new Nameplate(
                DeviceId.Parse("LAMP-0002").OrThrow(), DeliveryWorld.Product, DeliveryWorld.DeviceType);
            Assert.Null(other.Stage(transaction));
            transaction.Commit();
        }

        Assert.Equal(Reason.WrongIdentity, device.Run("claim")?.Reason);
    }

    [Fact]
    public void The_list_of_software_reads_as_claims_tell_it()
    {
        Assert.Null(Install(TestModule.Sign(Owner, 1)));
        var host = new MemoryHost();
        Assert.Null(device.Run("software", host));
        var reader = new Keywright.Protocol.Cbor.CborReader(host.Emitted("software"));
        var told = Installed.ReadAll(ref reader);
        Assert.Null(reader.Finish());
        Assert.Equal(("app", 1ul, "1.1"), (told[0].Program, told[0].Sequence, told[0].Version));
    }

    public void Dispose() => device.Dispose();

    private Refusal? Install(TestModule module) => device.InstallModule(module.Manifest, module.Clear);

    private void AssertRefused(Reason reason, TestModule module, ReadOnlyMemory<byte>? bodies = null)
    {
        var before = Keywright.Chips.PowerCutSweep.Fingerprint(device.State);
        Assert.Equal(reason, device.InstallModule(module.Manifest, bodies ?? module.Clear)?.Reason);
        Assert.Equal(before, Keywright.Chips.PowerCutSweep.Fingerprint(device.State));
    }

    private static TestModule Changed(Func<ModulePlan, ModulePlan> change) =>
        TestModule.Sign(Owner, 1, 100, change);

    private static TestModule Named(string name, ulong sequence) =>
        TestModule.Sign(
            Owner, sequence, 0, plan => plan with { Programs = [TestModule.Source(name, sequence, 30)] });

    private static TestModule Keyed(ulong sequence, HpkePublicKey key) =>
        TestModule.Sign(Owner, sequence, 0, plan => plan with
        {
            Programs = [TestModule.Source("app", sequence, 100) with { Diagnostics = key.Id }],
            Keys = [new ModuleKey(key, (uint)sequence)],
        });
}
