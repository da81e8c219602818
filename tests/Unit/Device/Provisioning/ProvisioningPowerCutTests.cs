using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

public sealed class ProvisioningPowerCutTests
{
    [Fact]
    [Trait("Req", "P14")]
    [Trait("Req", "P11")]
    public void A_chip_cut_off_at_any_write_of_a_provisioning_is_as_before_or_as_after()
    {
        var bench = new ProvisioningBench(
        [
            AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, ProvisioningBench.Bytes("key", 32)),
            AssetContent.Of(2, AssetKind.Seed, AssetStorage.KeyStore, ProvisioningBench.Bytes("seed", 32)),
            AssetContent.Generated(3, 32),
            AssetContent.Of(
                4, AssetKind.Program, AssetStorage.FlashObject, ProvisioningBench.Bytes("program", 7500)),
            AssetContent.Of(5, AssetKind.Configuration, AssetStorage.FlashObject, ProvisioningBench.Bytes(
                "configuration", 400)),
        ]);
        Assert.InRange(bench.Sealed.Package.Length, 8192, 8192 + 400);

        var report = PowerCutSweep.Run(
            TestChips.Make(1),
            seed: 20260101,
            silicon =>
            {
                using var booted = BootedDevice.Boot(silicon);
                Assert.Null(booted.Execute("provisioning", bench.Inputs));
            },
            state => Assert.Equal(state.Monotonic.Lifecycle == Lifecycle.Provisioned, Receipt(state, bench)));

        Assert.True(report.Writes > 500, $"{report.Writes} writes");
        Assert.True(report.AsBefore > 0 && report.AsAfter > 0 && report.SecondCuts > report.Cuts);
    }

    [Fact]
    [Trait("Req", "P07")]
    [Trait("Req", "P14")]
    public void The_same_holds_for_a_small_package_of_the_third_suite()
    {
        var bench = new ProvisioningBench(
            [
                AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, ProvisioningBench.Bytes("key", 32)),
                AssetContent.Of(
                    4, AssetKind.Program, AssetStorage.FlashObject, ProvisioningBench.Bytes("program", 1100)),
            ],
            suite: PackageSuite.CbcCmac);

        var report = PowerCutSweep.Run(
            TestChips.Make(1),
            seed: 20260102,
            silicon =>
            {
                using var booted = BootedDevice.Boot(silicon);
                Assert.Null(booted.Execute("provisioning", bench.Inputs));
            },
            state => Assert.Equal(state.Monotonic.Lifecycle == Lifecycle.Provisioned, Receipt(state, bench)));

        Assert.True(report.AsBefore > 0 && report.AsAfter > 0 && report.SecondCuts > report.Cuts);
    }

    [Fact]
    [Trait("Req", "P15")]
    [Trait("Req", "P14")]
    public void The_same_holds_for_a_package_for_named_chips()
    {
        var bench = new ProvisioningBench(
            [
                AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, ProvisioningBench.Bytes("key", 32)),
                AssetContent.Of(2, AssetKind.Seed, AssetStorage.KeyStore, ProvisioningBench.Bytes("seed", 32)),
                AssetContent.Of(
                    4, AssetKind.Data, AssetStorage.FlashObject, ProvisioningBench.Bytes("data", 300)),
            ],
            mode: PackageMode.Chip);
        var chip = TestChips.Make(1);
        var inputs = new NamedBench(bench, chip).InputsFor(chip);

        var report = PowerCutSweep.Run(
            chip,
            seed: 20260103,
            silicon =>
            {
                using var booted = BootedDevice.Boot(silicon);
                Assert.Null(booted.Execute("provisioning", inputs));
            },
            state => Assert.Equal(state.Monotonic.Lifecycle == Lifecycle.Provisioned, Receipt(state, bench)));

        Assert.True(report.AsBefore > 0 && report.AsAfter > 0 && report.SecondCuts > report.Cuts);
    }

    /// <summary>
    /// What the receipt says must be so: there is one exactly when the chip is locked to its owner.
    /// </summary>
    private static bool Receipt(ChipState state, ProvisioningBench bench)
    {
        var there = state.Journal.SizeOf("receipt") > 0;
        Assert.Equal(there ? bench.OrderKey.Public.Id : null, state.Monotonic.Owner);
        Assert.Equal(there, state.KeyStore.Find(new KeyHandle(KeyKind.Provisioned, "1")).Refused(
            out _, out _) == false);
        return there;
    }
}
