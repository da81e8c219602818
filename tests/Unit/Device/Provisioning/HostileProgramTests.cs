using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>
/// Programs that the chip maker signed with ill intent, or lost his key to: what no signature makes a chip do.
/// </summary>
public sealed class HostileProgramTests
{
    private static readonly ProvisioningBench Bench = new();

    [Fact]
    public void A_program_that_takes_an_item_beyond_the_last_is_refused()
    {
        var program = Changed("  compose v2\n", "  field v5 = \"number\" 1 of 1\n  compose v5\n");
        using var chip = BootedDevice.Boot(Bench.Sealer);
        var host = SealingInputs(program).With("number", (byte[])[0x81, 0x01]);
        Assert.Equal(Reason.Malformed, chip.Execute("provisioning", host)?.Reason);
    }

    [Fact]
    [Trait("Req", "P12")]
    public void A_program_that_brings_the_package_number_composes_no_header_twice()
    {
        var program = Changed("  compose v2\n", "  field v5 = \"number\" 0 of 1\n  compose v5\n");
        var numbers = new HashSet<string>();
        for (var boot = 0; boot < 3; boot++)
        {
            using var chip = BootedDevice.Boot(Bench.Sealer);
            for (var run = 0; run < 3; run++)
            {
                var host = SealingInputs(program).With("number", (byte[])[0x81, 0x50, .. new byte[16]]);
                Assert.Null(chip.Execute("provisioning", host));
                var header = PackageDigest.ParseHeader(host.Emitted("package")).OrThrow();
                Assert.True(numbers.Add(Convert.ToHexString(header.Package.Span)), "the number came before");
            }
        }
    }

    [Fact]
    [Trait("Req", "P12")]
    public void Two_chips_whose_noise_is_the_same_draw_different_numbers()
    {
        // Chip key and noise are the seed's; only what the tester mixed in at the chip maker's is another.
        var numbers = new[] { 1, 2 }.Select(tester =>
        {
            var mixed = Enumerable.Repeat((byte)tester, SoftChip.TesterSize).ToArray();
            using var chip = BootedDevice.Boot(
                SoftChip.Fabricate(TestChips.Immutable(1), new SeededNoise(5), mixed));
            var host = SealingInputs(ProvisioningBench.Program);
            Assert.Null(chip.Execute("provisioning", host));
            return PackageDigest.ParseHeader(host.Emitted("package")).OrThrow().Package.ToArray();
        }).ToList();

        Assert.NotEqual(numbers[0], numbers[1]);
    }

    [Theory]
    // Derived, derived over what was opened, and OEM_SHARE itself.
    [InlineData("derive k2 = k5 \"stolen\" [] 65\n    put     k2\n")]
    [InlineData("derive k11 = k5 \"stolen\" [] 65\n    put     k11\n")]
    [InlineData("put     k3\n")]
    [Trait("Req", "P12")]
    public void A_program_that_files_a_secret_as_an_owners_key_does_not_run(string theft)
    {
        const string Owners = "each owner\n    derive  k8 = k6 \"asset\" [header.hash, asset.number] header.keysize\n"
            + "    open    k11 under k8 else damaged-package\n    ";

        Unchanged(Changed(Owners + "put     k11\n", Owners + theft));
    }

    [Fact]
    [Trait("Req", "P12")]
    public void A_program_that_installs_and_leaves_the_chip_blank_does_not_run() =>
        Unchanged(Changed(" provisioned\n", " blank\n"));

    [Theory]
    // K_MK, a key of its own, and OEM_SHARE as it came, to whatever key a stolen list names.
    [InlineData("extract k11 = \"master\" [chip.family, chip.shares, k3, shares]\n  hseal v4 = k11 to leaf \"stolen\" []")]
    [InlineData("derive k11 = k4 \"stolen\" [] 32\n  hseal v4 = k11 to leaf \"stolen\" [header.hash]")]
    [InlineData("extract k11 = \"stolen\" [k3]\n  hseal v4 = k11 to leaf \"stolen\" [header.hash]")]
    [InlineData("hseal v4 = k0 to leaf \"stolen\" [header.hash]")]
    [Trait("Req", "P15")]
    public void A_program_that_seals_more_than_the_oems_share_to_a_leaf_does_not_run(string theft) =>
        Unchanged(
            Changed("  pack    v4 = [1, leaf.chip, v3]\n", $"  {theft}\n  pack    v4 = [1, leaf.chip, v3]\n"),
            "was not derived under a label that begins \"named \"");

    [Theory]
    // What one chip was sent, for the whole family to unwrap: as it came, and what was made of it.
    [InlineData("wrap v5 = k3 under k10")]
    [InlineData("extract k2 = \"x\" [k3]\n  wrap v5 = k2 under k10")]
    [InlineData("extract k2 = \"x\" [k3, shares]\n  wrap v5 = k2 under k10")]
    [InlineData("extract k2 = \"x\" [k3]\n  derive k1 = k2 \"y\" [] 32\n  wrap v5 = k1 under k10")]
    // And for another chip.
    [InlineData("leaf \"leaf\" in \"list\" else bad-proof\n  extract k2 = \"x\" [k3]\n"
        + "  derive k1 = k2 \"named x\" [] 32\n  hseal v5 = k1 to leaf \"x\" []")]
    [Trait("Req", "P15")]
    public void A_program_that_hands_on_what_was_sealed_to_one_chip_does_not_run(string theft) => Unchanged(
        Changed(
            "[header.hash, chip.id] else unlock-mismatch\n",
            "[header.hash, chip.id] else unlock-mismatch\n  root k9 = oem-share\n"
                + $"  derive k10 = k9 \"keep\" [] 32\n  {theft}\n  emit \"loot\" = v5\n"),
        "comes of what was sealed to this chip, and stays in it");

    private static void Unchanged(byte[] program, string rule = "")
    {
        var chip = TestChips.Make(1);
        using var booted = BootedDevice.Boot(chip);
        var before = PowerCutSweep.Fingerprint(booted.State);

        var refusal = booted.Execute("provisioning", Bench.Inputs.With("program", program));

        Assert.Equal(Reason.UnconfinedProgram, refusal?.Reason);
        Assert.Contains(rule, refusal!.Detail, StringComparison.Ordinal);
        Assert.Equal(before, PowerCutSweep.Fingerprint(booted.State));
        Assert.Null(booted.Execute("provisioning", Bench.Inputs));
    }

    private static MemoryHost SealingInputs(byte[] program)
    {
        AssetContent asset = AssetContent.Of(
            1, AssetKind.Data, AssetStorage.FlashObject, ProvisioningBench.Bytes("data", 40));
        var plan = new SealPlan(
            Bench.OrderKey.Public.Id, PackageMode.Family, PackageSuite.Gcm, 1024, [asset.Asset]);
        return new MemoryHost()
            .With("program", program)
            .With("command", "seal"u8.ToArray())
            .With("plan", plan.ToArray())
            .With("content", asset.Content)
            .With("random", ProvisioningBench.Bytes("the OEM's half", 32));
    }

    private static byte[] Changed(string line, string hostile)
    {
        var text = System.Text.RegularExpressions.Regex.Replace(
            ProvisioningBench.ProgramText, " +else", " else");
        Assert.Contains(line, text, StringComparison.Ordinal);
        return ProvisioningBench.SignText(text.Replace(line, hostile));
    }
}
