using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>The chip holds no provisioning logic: what it does stands in the signed program.</summary>
public sealed class ProgramDecidesTests
{
    private static readonly ProvisioningBench Bench = new();

    [Fact]
    [Trait("Req", "P02")]
    public void Without_a_program_nothing_provisions()
    {
        using var booted = BootedDevice.Boot(TestChips.Make(1));

        Assert.Equal(Reason.MissingInput, booted.Execute(
            "provisioning", new MemoryHost().With("command", "provision"u8.ToArray()))?.Reason);
        Assert.Equal(Reason.Malformed, booted.Execute(
            "provisioning", Bench.Inputs.With("program", new byte[1]))?.Reason);
        Assert.Equal(Reason.UnknownCommand, booted.Execute("provision", Bench.Inputs)?.Reason);
    }

    [Fact]
    [Trait("Req", "P02")]
    public void A_program_that_the_chip_maker_did_not_sign_does_not_run()
    {
        var stranger = SigningKey.Generate(new SeededNoise(99));
        var program = ProvisioningBench.SignText(ProvisioningBench.ProgramText, chipMaker: stranger);

        Assert.Equal(Reason.BadSignature, Bench.Provision(
            TestChips.Make(1), Bench.Inputs.With("program", program)).Refusal?.Reason);
    }

    [Fact]
    public void Another_signed_program_with_one_constant_changed_puts_assets_elsewhere()
    {
        var chip = TestChips.Make(1);

        Assert.Null(Bench.Provision(chip, With("store   \"asset/\"", "store   \"other/\"")).Refusal);

        using var state = ChipState.Boot(chip);
        Assert.Contains("other/8", state.Journal.Names);
        Assert.DoesNotContain("asset/8", state.Journal.Names);
    }

    [Fact]
    public void Another_signed_program_with_one_label_changed_derives_other_keys()
    {
        Assert.Equal(
            Reason.DamagedPackage,
            Bench.Provision(TestChips.Make(1), With("\"auth\"", "\"other\"")).Refusal?.Reason);
    }

    [Fact]
    public void Another_signed_program_refuses_by_another_name()
    {
        Assert.Equal(
            Reason.OverQuota,
            Bench.Provision(TestChips.Make(1, lot: 9), With("wrong-lot", "over-quota")).Refusal?.Reason);
    }

    [Fact]
    public void Another_signed_program_advances_to_another_lifecycle()
    {
        var chip = TestChips.Make(1);

        Assert.Null(Bench.Provision(chip, With(" provisioned\n", " fielded\n")).Refusal);

        Assert.Equal(Lifecycle.Fielded, chip.Monotonic.State.Lifecycle);
    }

    private static MemoryHost With(string old, string constant)
    {
        Assert.Contains(old, ProvisioningBench.ProgramText, StringComparison.Ordinal);
        return Bench.Inputs.With(
            "program", ProvisioningBench.SignText(ProvisioningBench.ProgramText.Replace(old, constant)));
    }
}
