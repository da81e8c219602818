using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

[Trait("Req", "T12")]
public sealed class DeliveryConditionsTests : IDisposable
{
    private readonly DeliveryWorld world = new();
    private readonly TestDevice device;

    public DeliveryConditionsTests() => device = world.Make(1);

    [Fact]
    public void Without_contract_or_warranty_in_force_nothing_is_delivered()
    {
        Require(DeliveryConditions.Contract);
        world.Publish(1);
        Refuses(FailedCondition.NotUnderContract);

        world.Terms.Cover(device.ChipId, world.Clock.GetUtcNow().AddDays(1));
        world.Clock.Advance(TimeSpan.FromDays(2));
        Refuses(FailedCondition.NotUnderContract);

        world.Terms.Cover(device.ChipId, world.Clock.GetUtcNow().AddDays(1));
        world.Update(device);
    }

    [Fact]
    public void Once_means_once_and_without_it_a_repeat_is_delivered()
    {
        var module = world.Publish(1);
        world.Update(device);
        Refuses(FailedCondition.SecondDelivery, module.Digest);

        Require(DeliveryConditions.None);
        world.Update(device, module.Digest);
    }

    [Fact]
    public void All_predecessors_come_first()
    {
        Require(DeliveryConditions.Predecessors);
        var first = world.Publish(1);
        var second = world.Publish(2);
        Refuses(FailedCondition.PredecessorMissing);
        world.Update(device, first.Digest);
        world.Update(device);
        Assert.Equal(2ul, Assert.Single(world.Tracking.SoftwareOn(device.ChipId)).Sequence);
        Assert.Equal(second.Digest, world.Tracking.DeliveriesOf(device.ChipId)[^1].Manifest);
    }

    [Fact]
    public void What_a_module_requires_must_stand_on_the_device()
    {
        world.Publish(1);
        var needy = world.Publish(2, 100, plan => plan with { Requires = [new Requirement("app", 1)] });
        Refuses(FailedCondition.PredecessorMissing, needy.Digest);
        world.Update(device, world.Publish(1).Digest);
        world.Update(device, needy.Digest);
    }

    [Fact]
    public void Only_what_an_operator_has_enabled_is_delivered()
    {
        using var other = world.Make(2);
        Require(DeliveryConditions.Enabled);
        var module = world.Publish(1);
        Refuses(FailedCondition.NotEnabled);
        world.Terms.Enable(module.Digest, other.ChipId, world.Clock.GetUtcNow());
        Refuses(FailedCondition.NotEnabled);
        world.Terms.Enable(module.Digest, device.ChipId, world.Clock.GetUtcNow());
        world.Update(device);

        using var third = world.Make(3);
        world.Terms.Enable(module.Digest, null, world.Clock.GetUtcNow());
        world.Update(third);
    }

    [Fact]
    public void Versions_only_go_up()
    {
        Require(DeliveryConditions.VersionOrder);
        var old = world.Publish(1);
        world.Publish(2);
        world.Update(device);
        Refuses(FailedCondition.OlderVersion, old.Digest);
    }

    [Fact]
    public void A_device_that_has_the_newest_and_asks_for_more_raises_no_alert()
    {
        world.Publish(1);
        world.Update(device);
        Refuses(FailedCondition.OlderVersion);
        Assert.Empty(world.Alerts);
    }

    [Fact]
    public void Conditions_are_combined_and_the_first_that_fails_is_named()
    {
        Require(DeliveryConditions.Contract | DeliveryConditions.Enabled | DeliveryConditions.Predecessors);
        world.Publish(1);
        var newest = world.Publish(2);
        Refuses(FailedCondition.NotUnderContract);
        world.Terms.Cover(device.ChipId, world.Clock.GetUtcNow().AddDays(1));
        Refuses(FailedCondition.PredecessorMissing);
        Require(DeliveryConditions.Contract | DeliveryConditions.Enabled);
        Refuses(FailedCondition.NotEnabled);
        world.Terms.Enable(newest.Digest, null, world.Clock.GetUtcNow());
        world.Update(device);
    }

    [Fact]
    public void Another_product_or_type_finds_no_software()
    {
        world.Publish(1, 100, plan => plan with { Product = "door" });
        world.Publish(2, 100, plan => plan with { DeviceTypes = ["lamp-3"] });
        Refuses(FailedCondition.UnknownSoftware);
        world.Publish(3, 100, plan => plan with { DeviceTypes = ["lamp-3", DeliveryWorld.DeviceType] });
        world.Update(device);
    }

    [Fact]
    [Trait("Req", "T18")]
    public void A_special_version_goes_to_its_devices_and_to_no_others()
    {
        using var other = world.Make(2);
        var special = world.Publish(
            1, 100, plan => plan with { Devices = [DeviceId.Parse("LAMP-0002").OrThrow()] });
        var general = world.Publish(2);
        world.Update(device);
        world.Update(other);
        Assert.Equal(general.Digest, world.Tracking.DeliveriesOf(device.ChipId)[0].Manifest);
        Assert.Equal(special.Digest, world.Tracking.DeliveriesOf(other.ChipId)[0].Manifest);
        Refuses(FailedCondition.UnknownSoftware, special.Digest);
    }

    [Fact]
    public void What_a_device_declines_three_times_waits_for_an_operator()
    {
        using var newcomer = world.Make(2);
        var foreign = world.Publish(5, 300_000);
        for (var i = 0; i < JudgeConditions.MaxDeclined; i++)
        {
            var grant = world.Deliver.Answer(device.Claim()).OrThrow();
            Assert.Equal(Reason.StoreFull, world.Install(device, grant)?.Reason);
            Assert.Null(device.Decline(grant, foreign.Manifest));
            Assert.Equal(DeliveryResult.Declined, world.Close.Close(device.Done()).OrThrow());
        }

        Refuses(FailedCondition.NotEnabled);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Terms.Enable(foreign.Digest, device.ChipId, world.Clock.GetUtcNow());
        Assert.False(Message.Parse<Grant>(world.Deliver.Answer(device.Claim()).OrThrow())
            .Refused(out _, out _));
        Assert.Empty(world.Alerts);
    }

    [Fact]
    [Trait("Req", "T10")]
    public void A_dummy_application_asks_for_the_real_one()
    {
        var dummy = TestModule.Sign(world.Owner, 1, 64, plan => plan with
        {
            Programs = [TestModule.Source("app", 1, 64) with { Kind = ProgramKind.Dummy }],
        });
        Assert.Null(device.InstallModule(dummy.Manifest, dummy.Clear));
        var real = world.Publish(2);
        world.Update(device);
        Assert.Equal(real.Programs[0], device.BytesOf(world.Owner.Public.Id, "app"));
        Assert.Equal(ProgramKind.Application, Assert.Single(device.Programs.Programs).Program.Kind);
    }

    [Fact]
    [Trait("Req", "T15")]
    public void Request_and_answer_may_be_carried_as_files_by_hand()
    {
        using var folder = new TemporaryFolder();
        world.Publish(1, 20_000);
        folder.Write("claim", device.Claim());
        var grant = world.Deliver.Answer(File.ReadAllBytes(folder.PathTo("claim"))).OrThrow();
        folder.Write("grant", grant.Span);
        using (var bodies = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow())
        {
            folder.Write("module", bodies.Manifest.Span);
            folder.Write("bodies", DeliveryWorld.ReadAll(bodies));
        }

        Assert.Null(device.Install(Read("grant"), Read("module"), Read("bodies")));
        folder.Write("done", device.Done());
        Assert.Equal(DeliveryResult.Installed, world.Close.Close(Read("done")).OrThrow());

        byte[] Read(string name) => File.ReadAllBytes(folder.PathTo(name));
    }

    public void Dispose()
    {
        device.Dispose();
        world.Dispose();
    }

    private void Require(DeliveryConditions conditions) =>
        world.Terms.SetConditions(DeliveryWorld.Product, conditions);

    private void Refuses(FailedCondition condition, Digest? manifest = null) =>
        DeliverFirmwareTests.AssertRefusal(
        condition, world.Deliver.Answer(device.Claim(manifest)).OrThrow(), device);
}
