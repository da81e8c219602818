using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Site.Firmware;

public sealed class DeliverFirmwareTests : IDisposable
{
    private readonly DeliveryWorld world = new();

    [Fact]
    [Trait("Req", "T11")]
    public void Software_is_delivered_so_that_only_this_device_can_open_it()
    {
        using var device = world.Make(1);
        using var other = world.Make(2);
        var module = world.Publish(1, 40_000);
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        using var bodies = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow();
        var carried = DeliveryWorld.ReadAll(bodies);

        Assert.Equal(-1, carried.AsSpan().IndexOf(module.Programs[0].AsSpan(0, 32)));
        _ = other.Claim();
        Assert.Equal(Reason.BadMac, other.Install(grant, bodies.Manifest, carried)?.Reason);
        Assert.Null(device.Install(grant, bodies.Manifest, carried));
        Assert.Equal(module.Programs[0], device.BytesOf(world.Owner.Public.Id, "app"));
        Assert.Equal(DeliveryResult.Installed, world.Close.Close(device.Done()).OrThrow());
        Assert.Empty(world.Alerts);
    }

    [Fact]
    [Trait("Req", "T17")]
    public void The_site_knows_what_stands_on_each_device_and_what_was_delivered()
    {
        using var device = world.Make(1);
        using var later = world.Make(2);
        world.Publish(1);
        world.Update(device);
        var newer = world.Publish(2);
        world.Update(device);
        world.Update(later);

        var standing = Assert.Single(world.Tracking.SoftwareOn(device.ChipId));
        Assert.Equal((2ul, "1.2", "app"), (standing.Sequence, standing.Version, standing.Program));
        var lines = world.Tracking.DeliveriesOf(device.ChipId);
        Assert.Equal([1ul, 2ul], lines.Select(line => line.Number));
        Assert.All(lines, line => Assert.Equal(DeliveryState.Installed, line.State));
        Assert.Equal(newer.Digest, lines[1].Manifest);
        Assert.Equal(2, Assert.Single(world.Tracking.Versions()).Devices);
    }

    [Fact]
    [Trait("Req", "T14")]
    public void An_unknown_id_is_refused_and_raises_an_alert_that_counts()
    {
        using var overproduced = world.Make(1, registered: false);
        world.Publish(1);
        for (var i = 0; i < 10; i++)
        {
            AssertOutward(world.Deliver.Answer(overproduced.Claim()));
        }

        Assert.Equal([Reason.UnknownId, Reason.UnknownId], world.Reasons);
        Assert.Contains("LAMP-0001", world.Alerts[0].Detail);
        Assert.Contains("10 times", world.Alerts[0].Detail);
    }

    [Fact]
    [Trait("Req", "T13")]
    public void A_second_transmission_is_refused_with_an_alert_that_names_station_and_factory()
    {
        using var device = world.Make(1);
        var module = world.Publish(1);
        world.Update(device);

        var answer = world.Deliver.Answer(device.Claim(module.Digest)).OrThrow();
        AssertRefusal(FailedCondition.SecondDelivery, answer, device);
        var alert = Assert.Single(world.Alerts);
        Assert.Equal(
            (Reason.SecondDelivery, "line-7", "Shenzhen", device.ChipId),
            (alert.Reason, alert.Station, alert.Factory, alert.Chip!.Value));
    }

    [Fact]
    [Trait("Req", "T19")]
    public void Who_knows_an_id_alone_spends_nothing_and_learns_nothing()
    {
        using var device = world.Make(1);
        world.Publish(1);
        using var wrong = DeviceKey.FromBytes(new byte[32]);
        using var mac = DeliveryKeys.Claim(wrong);
        var genuine = Message.Parse<Claim>(device.Claim()).OrThrow().Claimed;
        var forged = world.Deliver.Answer(Message.Mac(genuine, mac).Bytes);
        var unknown = world.Deliver.Answer(
            Message.Mac(genuine with { Device = DeviceId.Parse("LAMP-9999").OrThrow() }, mac).Bytes);

        Assert.Equal(AssertOutward(unknown), AssertOutward(forged));
        Assert.Equal([Reason.BadMac, Reason.UnknownId], world.Reasons);
        Assert.Empty(world.Tracking.DeliveriesOf(device.ChipId));
        world.Update(device);
    }

    [Fact]
    [Trait("Req", "T19")]
    public void An_interrupted_download_goes_on_anywhere_and_counts_once()
    {
        using var device = world.Make(1);
        world.Publish(1, 50_000);
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        byte[] whole;
        using (var bodies = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow())
        {
            whole = DeliveryWorld.ReadAll(bodies);
            Assert.NotNull(device.Install(grant, bodies.Manifest, whole.AsMemory(0, 20_000)));
        }

        world.Restart();
        using var again = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow();
        int[] offsets = [0, 1, 55, 56, 57, 16_455, 16_456, 16_457, 33_000, whole.Length - 1, whole.Length];
        foreach (var offset in offsets)
        {
            var rest = new byte[whole.Length - offset];
            Assert.Equal(rest.Length, again.Read(offset, rest));
            Assert.Equal(whole[offset..], rest);
        }

        Assert.Null(device.Install(grant, again.Manifest, whole));
        world.Close.Close(device.Done()).OrThrow();
        Assert.Single(world.Tracking.DeliveriesOf(device.ChipId));
        Assert.Empty(world.Alerts);
    }

    [Fact]
    [Trait("Req", "T19")]
    public void Every_lost_message_is_said_again_and_answered_the_same()
    {
        using var device = world.Make(1);
        world.Publish(1);
        var claim = device.Claim();
        var grant = world.Deliver.Answer(claim).OrThrow();
        device.Reboot();
        world.Restart();
        Assert.Equal(claim, device.Claim());
        Assert.Equal(grant, world.Deliver.Answer(claim).OrThrow());
        Assert.Null(world.Install(device, grant));
        Assert.Equal(device.Done(), device.Done());

        // The Done never arrives alone; it rides in the next claim.
        world.Publish(2);
        world.Update(device);
        Assert.Equal(DeliveryResult.Installed, world.Close.Close(device.Done()).OrThrow());
        Assert.Equal(
            [DeliveryState.Installed, DeliveryState.Installed],
            world.Tracking.DeliveriesOf(device.ChipId).Select(line => line.State));
        Assert.Empty(world.Alerts);
    }

    [Fact]
    [Trait("Req", "T13")]
    public void A_replayed_claim_of_a_closed_number_delivers_nothing()
    {
        using var device = world.Make(1);
        world.Publish(1);
        var claim = device.Claim();
        var grant = world.Deliver.Answer(claim).OrThrow();
        Assert.Null(world.Install(device, grant));
        world.Close.Close(device.Done()).OrThrow();

        AssertOutward(world.Deliver.Answer(claim));
        AssertOutward(world.Bodies.Open(Digest.Of(grant.Span)));
        Assert.Equal([Reason.SecondDelivery], world.Reasons);
        world.Publish(2);
        world.Update(device);
    }

    [Fact]
    public void A_refusal_is_given_again_and_closes_the_number()
    {
        using var device = world.Make(1);
        var claim = device.Claim();
        var refusal = world.Deliver.Answer(claim).OrThrow();
        Assert.Equal(refusal, world.Deliver.Answer(claim).OrThrow());
        AssertRefusal(FailedCondition.UnknownSoftware, refusal, device);
        world.Publish(1);
        world.Update(device);
    }

    [Fact]
    public void A_device_with_an_enrolled_identity_must_sign()
    {
        using var device = world.Make(1);
        world.Publish(1);
        world.Enrol(device);
        AssertOutward(world.Deliver.Answer(device.Claim()));
        Assert.Equal([Reason.Downgrade], world.Reasons);

        using var signing = world.Make(2);
        using (var transaction = signing.State.Journal.Begin())
        {
            Assert.Null(transaction.Put("certificate", [1]));
            transaction.Commit();
        }

        world.Enrol(signing);
        world.Update(signing);
    }

    [Fact]
    public void A_signed_claim_of_another_chip_is_refused()
    {
        using var device = world.Make(1);
        using var thief = world.Make(2);
        world.Publish(1);
        world.Enrol(device);
        var claim = Message.Parse<Claim>(device.Claim()).OrThrow().Claimed;
        AssertOutward(world.Deliver.Answer(Message.Sign(claim, thief.State.Keys.Identity).Bytes));
        Assert.Equal([Reason.BadSignature], world.Reasons);
    }

    [Fact]
    public void A_key_that_the_device_never_had_is_refused()
    {
        using var device = world.Make(1);
        using var key = device.State.KeyStore.Open<DeviceKey>(
            Keywright.Device.Firmware.DeviceKeys.Handle(1)).OrThrow();
        using var mac = DeliveryKeys.Claim(key);
        var claim = Message.Parse<Claim>(device.Claim()).OrThrow().Claimed with { Kid = 2 };
        AssertOutward(world.Deliver.Answer(Message.Mac(claim, mac).Bytes));
        Assert.Equal([Reason.UnknownKey], world.Reasons);
    }

    internal static Refusal AssertOutward<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(Reason.UnknownId, why.Reason);
        return why;
    }

    internal static void AssertRefusal(
        FailedCondition condition, ReadOnlyMemory<byte> answer, TestDevice device)
    {
        Assert.Equal(condition, Message.Parse<DeliveryRefusal>(answer).OrThrow().Claimed.Condition);
        Assert.Null(device.Refused(answer));
    }

    public void Dispose() => world.Dispose();
}
