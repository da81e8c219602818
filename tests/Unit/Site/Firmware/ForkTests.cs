using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

[Trait("Req", "T21")]
public sealed class ForkTests : IDisposable
{
    private readonly DeliveryWorld world = new();
    private readonly TestDevice device;

    public ForkTests() => device = world.Make(1);

    [Fact]
    public void A_copy_made_before_the_claim_is_caught_when_the_second_speaks()
    {
        using var copy = device.Clone();
        world.Publish(1);
        world.Update(device);
        AssertFork(copy.Claim());
    }

    [Fact]
    public void The_original_is_held_too_when_the_copy_spoke_first()
    {
        using var copy = device.Clone();
        world.Publish(1);
        world.Update(copy);
        AssertFork(device.Claim());
        world.Publish(2);
        DeliverFirmwareTests.AssertOutward(world.Deliver.Answer(copy.Claim()));
    }

    [Fact]
    public void A_copy_with_the_claim_in_its_flash_is_caught_at_the_next_number()
    {
        world.Publish(1);
        var claim = device.Claim();
        using var copy = device.Clone();
        Assert.Equal(claim, copy.Claim());
        var grant = world.Deliver.Answer(claim).OrThrow();
        Assert.Null(world.Install(device, grant));
        Assert.Null(world.Install(copy, grant));
        world.Close.Close(device.Done()).OrThrow();

        world.Publish(2);
        world.Update(device);
        AssertFork(copy.Claim());
    }

    [Fact]
    public void A_copy_made_after_a_delivery_is_caught_at_the_next_number()
    {
        world.Publish(1);
        world.Update(device);
        using var copy = device.Clone();
        world.Publish(2);
        world.Update(copy);
        AssertFork(device.Claim());
    }

    [Fact]
    public void A_copy_that_ran_ahead_with_its_own_refusals_is_caught()
    {
        using var copy = device.Clone();
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(copy.Refused(world.Deliver.Answer(copy.Claim()).OrThrow()));
        }

        AssertFork(device.Claim());
    }

    [Fact]
    public void Two_endings_of_one_grant_are_a_fork()
    {
        var module = world.Publish(1, 100);
        var claim = device.Claim();
        using var copy = device.Clone();
        var grant = world.Deliver.Answer(claim).OrThrow();
        Assert.Null(world.Install(device, grant));

        // The copy gets another module first, so its Done tells of other software.
        var aside = TestModule.Sign(
            world.Owner, 7, 50, plan => plan with { Programs = [TestModule.Source("aside", 7, 50)] });
        Assert.Null(copy.InstallModule(aside.Manifest, aside.Clear));
        using (var bodies = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow())
        {
            Assert.Null(copy.Install(grant, module.Manifest, DeliveryWorld.ReadAll(bodies)));
        }

        world.Close.Close(device.Done()).OrThrow();
        DeliverFirmwareTests.AssertOutward(world.Close.Close(copy.Done()));
        AssertHeld();
    }

    [Fact]
    public void After_a_fork_nothing_is_delivered_until_an_operator_releases()
    {
        using var copy = device.Clone();
        world.Publish(1);
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        AssertFork(copy.Claim());
        DeliverFirmwareTests.AssertOutward(world.Deliver.Answer(device.Claim()));
        DeliverFirmwareTests.AssertOutward(world.Bodies.Open(Digest.Of(grant.Span)));
        Assert.Single(
            world.Alerts, alert => alert.Detail.Contains("two claims at n = 1", StringComparison.Ordinal));

        world.Ledger.Release(device.ChipId);
        Assert.Equal(grant, world.Deliver.Answer(device.Claim()).OrThrow());
    }

    [Fact]
    public void A_done_with_another_mac_or_for_no_grant_closes_nothing()
    {
        world.Publish(1);
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        using var wrong = DeviceKey.FromBytes(new byte[32]);
        using var mac = DeliveryKeys.Done(wrong);
        var forged = new Done
        {
            Grant = Digest.Of(grant.Span),
            Number = 1,
            Result = DeliveryResult.Installed,
            Installed = [],
        };
        DeliverFirmwareTests.AssertOutward(world.Close.Close(Message.Mac(forged, mac).Bytes));
        DeliverFirmwareTests.AssertOutward(
            world.Close.Close(Message.Mac(forged with { Grant = Digest.Zero }, mac).Bytes));
        Assert.Equal([Reason.BadMac, Reason.WrongGrant], world.Reasons);
        Assert.Null(world.Install(device, grant));
        world.Close.Close(device.Done()).OrThrow();
    }

    [Fact]
    public void A_number_ahead_of_the_site_accuses_nobody()
    {
        world.Publish(1);
        using var key = device.State.KeyStore.Open<DeviceKey>(
            Keywright.Device.Firmware.DeviceKeys.Handle(1)).OrThrow();
        using var mac = DeliveryKeys.Claim(key);
        var genuine = Message.Parse<Claim>(device.Claim()).OrThrow().Claimed;
        var ahead = genuine with { Number = 5, Prev = Digest.Of([1]) };
        DeliverFirmwareTests.AssertOutward(world.Deliver.Answer(Message.Mac(ahead, mac).Bytes));
        Assert.Equal([Reason.Resync], world.Reasons);
        Assert.Empty(world.Tracking.ForksOf(device.ChipId));
        world.Update(device);
    }

    public void Dispose()
    {
        device.Dispose();
        world.Dispose();
    }

    private void AssertFork(byte[] claim)
    {
        DeliverFirmwareTests.AssertOutward(world.Deliver.Answer(claim));
        Assert.Equal(claim, Assert.Single(world.Tracking.ForksOf(device.ChipId)).Message.ToArray());
        AssertHeld();
    }

    private void AssertHeld()
    {
        Assert.True(world.Ledger.Load(device.ChipId, 1).Held);
        Assert.Contains(world.Alerts, alert => (alert.Reason, alert.Station, alert.Factory)
            == (Reason.Fork, "line-7", "Shenzhen"));
    }
}
