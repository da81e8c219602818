using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>What the factory could try, each by its own name; and nothing in the chip has changed.</summary>
public sealed class RefusedProvisioningTests
{
    private static readonly ProvisioningBench Bench = new();
    private static readonly ProvisioningBench Other = new(seed: 8);

    [Fact]
    [Trait("Req", "P13")]
    public void A_package_of_another_sealing_on_a_genuine_order_is_foreign()
    {
        // The factory plays OEM with a blank chip of its own, and names the OEM's key in its header.
        using var attacker = BootedDevice.Boot(TestChips.Make(66));
        var (own, keeps) = SealPackage.Run(
            attacker, ProvisioningBench.Program, TestChips.ChipMaker.Public, Bench.OrderKey.Public.Id,
            ProvisioningBench.SmallAssets, ProvisioningBench.Bytes("attacker", 32)).OrThrow();
        var unlock = UnlockPackage.ForFamily(
            attacker, ProvisioningBench.Program, TestChips.ChipMaker.Public, own.Package, keeps).OrThrow();

        Refused(Reason.ForeignPackage, Bench.Inputs.With("package", own.Package).With("unlock", unlock));
    }

    [Fact]
    [Trait("Req", "P13")]
    public void The_package_of_an_earlier_order_is_foreign_to_the_next_one()
    {
        using var sealer = BootedDevice.Boot(Bench.Sealer.Snapshot());
        var later = SealPackage.Again(
            sealer, ProvisioningBench.Program, TestChips.ChipMaker.Public, Bench.OrderKey.Public.Id,
            Bench.Assets, Bench.Keeps).OrThrow();

        Refused(Reason.ForeignPackage, Bench.Inputs.With("order", Bench.Sign(later.Package).Bytes));
    }

    [Fact]
    [Trait("Req", "P13")]
    public void A_package_for_another_family_is_refused()
    {
        var header = PackageDigest.ParseHeader(Bench.Sealed.Package).OrThrow();
        var plan = new SealPlan(header.Oem, header.Mode, header.Suite, header.BlockSizeBytes, header.Assets);
        var other = PackageHeader.Compose(plan, "other", header.Epoch, header.Package.Span);
        var parts = (int)PackageLayout.PartOffset(header, 0);

        Refused(Reason.WrongFamily, Bench.Inputs.With(
            "package", (byte[])[.. PackageLayout.Framed(other), .. Bench.Sealed.Package.AsSpan(parts)]));
    }

    [Fact]
    [Trait("Req", "P13")]
    public void A_package_that_names_another_oem_is_not_taken_on_this_order()
    {
        Refused(Reason.WrongOwner, Bench.Inputs.With("package", Other.Sealed.Package).With(
            "unlock", Other.Unlock));
    }

    [Fact]
    [Trait("Req", "P13")]
    public void An_order_that_the_factory_signed_itself_is_refused()
    {
        var forged = Message.Sign(Bench.Order.Content, Other.OrderKey);

        Refused(Reason.BadSignature, Bench.Inputs.With("order", forged.Bytes));
        Refused(Reason.WrongOwner, Bench.Inputs.With("order", forged.Bytes).With(
            "order-key", Other.OrderKey.Public.Bytes.ToArray()));
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_chip_of_a_lot_that_was_not_ordered_is_refused()
    {
        Refused(Reason.WrongLot, Bench.Inputs, TestChips.Make(1, lot: 2));
    }

    [Fact]
    public void An_order_for_another_family_is_refused()
    {
        var order = Message.Sign(Bench.Order.Content with { Family = "other" }, Bench.OrderKey);

        Refused(Reason.WrongFamily, Bench.Inputs.With("order", order.Bytes));
    }

    [Fact]
    public void An_order_for_packages_of_another_mode_is_refused()
    {
        var order = Message.Sign(Bench.Order.Content with { Mode = PackageMode.Chip }, Bench.OrderKey);

        Refused(Reason.ForeignPackage, Bench.Inputs.With("order", order.Bytes));
    }

    [Fact]
    [Trait("Req", "P11")]
    public void A_second_provisioning_is_refused()
    {
        var chip = TestChips.Make(1);
        Assert.Null(Bench.Provision(chip).Refusal);

        Refused(Reason.AlreadyProvisioned, Bench.Inputs, chip);
        Refused(Reason.AlreadyProvisioned, Other.Inputs, chip);
    }

    [Fact]
    [Trait("Req", "P11")]
    public void A_provisioned_chip_seals_for_nobody_else()
    {
        var chip = TestChips.Make(1);
        Bench.Provision(chip);
        using var booted = BootedDevice.Boot(chip);

        var outcome = SealPackage.Run(
            booted, ProvisioningBench.Program, TestChips.ChipMaker.Public, Other.OrderKey.Public.Id,
            ProvisioningBench.SmallAssets, new byte[32]);

        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(Reason.AlreadyProvisioned, why.Reason);
    }

    [Fact]
    public void A_chip_locked_at_birth_serves_its_owner_alone()
    {
        var locked = TestChips.Make(1, lockedTo: Other.OrderKey.Public.Id);

        Refused(Reason.WrongOwner, Bench.Inputs, locked);
        Assert.Null(Other.Provision(locked).Refusal);
    }

    [Fact]
    public void An_unlock_of_another_package_is_refused()
    {
        Refused(Reason.UnlockMismatch, Bench.Inputs.With("unlock", Other.Unlock));
        Refused(Reason.UnlockMismatch, Bench.Inputs.With(
            "unlock", Keywright.Protocol.Cbor.CborItem.Array(1, "family", new byte[12])));
    }

    [Fact]
    [Trait("Req", "P02")]
    public void A_program_for_another_family_is_refused()
    {
        var program = ProvisioningBench.SignText(ProvisioningBench.ProgramText, family: "other");

        Refused(Reason.WrongFamily, Bench.Inputs.With("program", program));
    }

    [Fact]
    public void A_program_of_another_epoch_does_not_open_the_package()
    {
        var later = ProvisioningBench.SignText(ProvisioningBench.ProgramText, epoch: 2);
        var blind = ProvisioningBench.SignText(
            ProvisioningBench.ProgramText.Replace(
                "header.epoch = program.epoch", "header.epoch = header.epoch"), epoch: 2);

        Refused(Reason.WrongEpoch, Bench.Inputs.With("program", later));
        Refused(Reason.UnlockMismatch, Bench.Inputs.With("program", blind));
    }

    [Fact]
    public void A_program_that_does_not_confine_its_secrets_is_refused_although_it_is_signed()
    {
        var leaking = ProvisioningBench.SignText(
            "version 1\ncommand provision\n  fresh k0 = 32\n  fresh k1 = 32\n"
            + "  wrap v0 = k0 under k1\n  public v1 = k1 \"public key\" [] 32\n");

        Refused(Reason.UnconfinedProgram, Bench.Inputs.With("program", leaking));
    }

    [Theory]
    [InlineData("dump")]
    [InlineData("")]
    [InlineData("Provision")]
    [Trait("Req", "P12")]
    public void A_command_that_the_program_does_not_have_is_unknown(string command)
    {
        Refused(
            Reason.UnknownCommand, Bench.Inputs.With("command", System.Text.Encoding.UTF8.GetBytes(command)));
    }

    [Theory]
    [InlineData("program")]
    [InlineData("command")]
    [InlineData("package")]
    [InlineData("unlock")]
    [InlineData("order")]
    [InlineData("order-key")]
    public void Every_input_of_provision_is_needed(string input)
    {
        var inputs = new MemoryHost();
        foreach (var name in new[] { "program", "command", "package", "unlock", "order", "order-key" }.Where(
            name => name != input))
        {
            var content = new byte[Bench.Inputs.SizeOf(name)];
            Bench.Inputs.Read(name, 0, content);
            inputs.With(name, content);
        }

        Refused(Reason.MissingInput, inputs);
    }

    [Fact]
    public void A_package_too_large_for_the_chip_is_refused_whole()
    {
        var bench = new ProvisioningBench(
        [
            AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, new byte[32]),
            AssetContent.Of(2, AssetKind.Data, AssetStorage.FlashObject, new byte[300_000]),
        ]);

        Refused(Reason.StoreFull, bench.Inputs, bench: bench);
    }

    [Fact]
    public void A_package_in_a_suite_that_does_not_exist_is_refused()
    {
        var header = PackageDigest.ParseHeader(Bench.Sealed.Package).OrThrow();
        var plan = new SealPlan(header.Oem, header.Mode, (PackageSuite)4, header.BlockSizeBytes, header.Assets);
        var other = PackageHeader.Compose(plan, header.Family, header.Epoch, header.Package.Span);

        Refused(Reason.WrongAlgorithm, Bench.Inputs.With("package", PackageLayout.Framed(other)));
    }

    private static void Refused(
        Reason reason, MemoryHost inputs, SoftChip? chip = null, ProvisioningBench? bench = null)
    {
        chip ??= TestChips.Make(1);
        var before = FingerprintOf(chip);

        var (refusal, receipt) = (bench ?? Bench).Provision(chip, inputs);

        Assert.Equal(reason, refusal?.Reason);
        Assert.Empty(receipt);
        Assert.Equal(before, FingerprintOf(chip));
    }

    private static Digest FingerprintOf(SoftChip chip)
    {
        using var state = ChipState.Boot(chip);
        return PowerCutSweep.Fingerprint(state);
    }
}
