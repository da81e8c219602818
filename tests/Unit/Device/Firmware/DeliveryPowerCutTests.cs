using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;

namespace Keywright.UnitTests.Device.Firmware;

/// <summary>Power goes at every write of a delivery, in every way, and again during the recovery.</summary>
public sealed class DeliveryPowerCutTests : IDisposable
{
    private const int UpdateSize = 16 * 1024;
    private const ulong Seed = 0xC07;

    private readonly DeliveryWorld world = new();
    private readonly TestDevice device;

    public DeliveryPowerCutTests() => device = world.Make(1);

    [Fact]
    public void An_update_of_16_KiB_is_installed_whole_or_not_at_all()
    {
        var module = world.Publish(1, UpdateSize);
        var host = Granted();
        var report = PowerCutSweep.Run(
            device.Chip,
            Seed,
            silicon => Execute(silicon, "install", host),
            chip => CheckPlace(chip, module));

        Assert.True(report.Writes > UpdateSize / IFlash.WordSize);
        Assert.True(report is { AsBefore: > 0, AsAfter: > 0 });
    }

    [Fact]
    public void A_claim_and_a_refusal_are_stored_whole_or_not_at_all()
    {
        PowerCutSweep.Run(device.Chip, Seed, silicon => Execute(silicon, "claim", new MemoryHost()));

        var refusal = world.Deliver.Answer(device.Claim()).OrThrow();
        var report = PowerCutSweep.Run(
            device.Chip,
            Seed,
            silicon => Execute(silicon, "refused", new MemoryHost().With("refusal", refusal)));
        Assert.True(report is { AsBefore: > 0, AsAfter: > 0 });
    }

    [Fact]
    public void After_a_cut_anywhere_the_delivery_goes_on_and_the_site_sees_one_device()
    {
        world.Terms.SetConditions(DeliveryWorld.Product, DeliveryConditions.None);
        var module = world.Publish(1, UpdateSize);
        var writes = CountWrites();
        var kinds = Enum.GetValues<CutKind>();
        for (var cut = 0; cut < writes; cut++)
        {
            UpdateCutAt(cut, kinds[cut % kinds.Length], module);
        }

        world.Close.Close(device.Done()).OrThrow();
        Assert.Empty(world.Alerts);
        Assert.All(
            world.Tracking.DeliveriesOf(device.ChipId),
            line => Assert.Equal(DeliveryState.Installed, line.State));
        Assert.Equal((ulong)writes, device.State.Monotonic.Delivery.N);
    }

    public void Dispose()
    {
        device.Dispose();
        world.Dispose();
    }

    private MemoryHost Granted()
    {
        var grant = world.Deliver.Answer(device.Claim(world.Publish(1, UpdateSize).Digest)).OrThrow();
        using var bodies = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow();
        return new MemoryHost()
            .With("grant", grant)
            .With("module", bodies.Manifest)
            .With("bodies", DeliveryWorld.ReadAll(bodies));
    }

    private int CountWrites()
    {
        var host = Granted();
        using var copy = device.Clone();
        var silicon = new PowerCut(copy.Chip, Seed);
        using var booted = BootedDevice.Boot(silicon);
        silicon.Restore();
        Assert.Null(booted.Execute("install", host));
        return silicon.Writes.Count;
    }

    private void UpdateCutAt(int cut, CutKind kind, TestModule module)
    {
        var claim = device.Claim(module.Digest);
        var host = Granted();
        var before = device.State.Monotonic.Delivery.N;
        var silicon = new PowerCut(device.Chip, Seed + (ulong)cut);
        using (var doomed = BootedDevice.Boot(silicon))
        {
            silicon.Restore();
            silicon.Arm(cut, kind);
            Assert.Throws<PowerLostException>(() => doomed.Execute("install", host));
        }

        device.Reboot();
        if (device.State.Monotonic.Delivery.N == before)
        {
            Assert.Equal(claim, device.Claim());
            Assert.Null(device.Run("install", host));
        }

        Assert.Equal(module.Programs[0], device.BytesOf(world.Owner.Public.Id, "app"));
        if (cut % 2 == 0)
        {
            Assert.Equal(DeliveryResult.Installed, world.Close.Close(device.Done()).OrThrow());
        }
    }

    private static void Execute(ISilicon silicon, string command, MemoryHost host)
    {
        using var booted = BootedDevice.Boot(silicon);
        Assert.Null(booted.Execute(command, host));
    }

    private static void CheckPlace(ChipState chip, TestModule module)
    {
        var installed = InstalledPrograms.Of(chip).OrThrow();
        var closed = chip.Monotonic.Delivery.N == 1;
        Assert.Equal(closed, chip.Journal.SizeOf("claim") < 0);
        Assert.Equal(closed ? 1 : 0, installed.Programs.Count);
        if (closed)
        {
            Assert.Equal(chip.Monotonic.Delivery.Prev, Digest.Of(chip.Journal.ReadAll("closing").OrThrow()));
            Assert.Equal(
                Digest.Of(module.Programs[0]),
                Digest.Of(chip.Journal.ReadAll(installed.Programs[0].ObjectName).OrThrow()));
        }
    }
}
