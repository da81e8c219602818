using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;
using Keywright.Station.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

public sealed class SiteBooksTests : IDisposable
{
    private readonly ProgrammingWorld world = new();

    [Fact]
    [Trait("Req", "T07")]
    public void A_station_is_enrolled_once_and_the_same_request_gets_the_same_message()
    {
        using var key = HpkePrivateKey.Generate(world.Entropy);
        using var other = HpkePrivateKey.Generate(world.Entropy);
        var enrolment = world.Enrolling.Enrol("line-2", "factory-2", key.Public).OrThrow();
        Assert.Equal(enrolment, world.Enrolling.Enrol("line-2", "factory-2", key.Public).OrThrow());
        Assert.Equal(
            Reason.IdentityTaken, ReasonOf(world.Enrolling.Enrol("line-2", "factory-2", other.Public)));
        Assert.Equal(
            Reason.IdentityTaken, ReasonOf(world.Enrolling.Enrol("line-2", "factory-3", key.Public)));
        Assert.Equal(Reason.Malformed, ReasonOf(world.Enrolling.Enrol("line\t2", "factory-2", key.Public)));
        Assert.Equal(Reason.Malformed, ReasonOf(world.Enrolling.Enrol("line-3", "", key.Public)));
        Assert.Equal(["line-1", "line-2"], world.Stations.All().Select(station => station.Name));
    }

    [Fact]
    [Trait("Req", "T17")]
    public void Chips_are_counted_once_and_never_above_the_quota()
    {
        var chips = new[] { ProgrammingWorld.Counted(1), ProgrammingWorld.Counted(1) };
        Assert.Equal(0, world.Import.Import(ProgrammingWorld.OrderOf(10), chips).OrThrow());
        Assert.Equal(
            Reason.OverQuota,
            ReasonOf(world.Import.Import(ProgrammingWorld.OrderOf(10), [ProgrammingWorld.Counted(11)])));
        Assert.Equal(Reason.OverQuota, world.Alerts.Newest(1)[0].Reason);
        Assert.Equal(10, world.Chips.Counts()[0].Provisioned);
    }

    [Fact]
    [Trait("Req", "T05")]
    [Trait("Req", "T17")]
    public void A_chip_from_an_untrusted_factory_is_counted_learnt_and_programmed()
    {
        var bench = new ProvisioningBench();
        using var chip = TestChips.Make(50);
        var (refusal, receipt) = bench.Provision(chip);
        Assert.Null(refusal);
        var count = CountReceipts.Run(bench.Order, [TestLists.Of([chip])], [receipt]);
        Assert.Equal(1, world.Import.Import(bench.Order, count.Good).OrThrow());

        var order = bench.Order.Content;
        Assert.Null(world.AddIds(order.Product, "K-1"));
        new AddBootloader(world.Bootloaders, world.Entropy, world.Clock).Add(
            new BootloaderVersion(order.Product, "kettle-a", "1", 1, ImageEncoding.Hex),
            ProgrammingWorld.Image(),
            ProgrammingWorld.Plan()).OrThrow();
        world.Enrol("north 1", order.Factory);
        using var journal = world.OpenJournal("north 1");
        using var device = BootedDevice.Boot(chip);
        var closed = new ProgramChip(
            journal, new LocalSite(world.Site.Answer), world.ProgrammingKey.Public, world.Entropy)
            .Program(device, "kettle-a", bench.Order.Digest)
            .OrThrow();
        Assert.Equal("K-1", closed.Devices[0].ToString());
        var counts = world.Chips.Counts().Single(each => each.Order.Digest == bench.Order.Digest);
        Assert.Equal(
            (100u, 1, 1, 0), (counts.Order.Quota, counts.Provisioned, counts.Programmed, counts.Active));
    }

    [Fact]
    public void A_receipt_of_another_order_or_with_other_keys_is_foreign()
    {
        var order = ProgrammingWorld.OrderOf(10);
        var other = ProgrammingWorld.Counted(1) with { Order = Digest.Of("other"u8) };
        var copy = ProgrammingWorld.Counted(1) with { Identity = ProgrammingWorld.Counted(2).Identity };
        Assert.Equal(Reason.ForeignReceipt, ReasonOf(world.Import.Import(order, [other])));
        Assert.Equal(Reason.ForeignReceipt, ReasonOf(world.Import.Import(order, [copy])));
        Assert.Equal(copy.Chip, world.Alerts.Newest(1)[0].Chip);
        Assert.Equal(
            Reason.Malformed, ReasonOf(world.Import.Import(order with { Product = "two\nlines" }, [])));
    }

    [Fact]
    [Trait("Req", "K02")]
    public void No_id_waits_twice_or_comes_back_once_it_was_given()
    {
        var pool = new AddDeviceIds(world.Pool);
        Assert.Equal(Reason.IdentityTaken, world.AddIds("valves", "SN-9", "SN-8")!.Reason);
        Assert.Equal(0, world.Pool.Count("valves"));
        Assert.Equal(Reason.Malformed, pool.Add("pump", [new IdentitySet([])])!.Reason);
        Assert.Equal(
            Reason.Malformed,
            pool.Add("pump", [new IdentitySet([.. Enumerable.Repeat(ProgrammingWorld.Id("A"), 2)])])!.Reason);
        Assert.Equal(Reason.Malformed, pool.Add("", [new IdentitySet([ProgrammingWorld.Id("A")])])!.Reason);
        var nine = Enumerable.Range(0, 9).Select(i => ProgrammingWorld.Id($"N{i}")).ToList();
        Assert.Equal(Reason.TooLarge, pool.Add("pump", [new IdentitySet(nine)])!.Reason);

        using var chip = ProgrammingWorld.ProvisionedChip();
        using var journal = world.OpenJournal();
        new ProgramChip(
            journal, new LocalSite(world.Site.Answer), world.ProgrammingKey.Public, world.Entropy)
            .Program(BootedDevice.Boot(chip), ProgrammingWorld.DeviceType, ProgrammingWorld.Order)
            .OrThrow();
        Assert.Equal(Reason.IdentityTaken, world.AddIds(ProgrammingWorld.Product, "SN-1")!.Reason);
        Assert.Equal(1, world.Chips.Counts()[0].Programmed);

        var lookUp = new LookUpDevice(world.Devices);
        var device = lookUp.Find("MAC-SN-1").OrThrow();
        Assert.Equal(ProgrammingWorld.StationName, device.Station);
        Assert.Equal(device.Id, lookUp.Find(chip.Immutable.ChipId.ToString()).OrThrow().Id);
        Assert.Equal(Reason.UnknownId, ReasonOf(lookUp.Find("SN-2")));
        Assert.Equal(Reason.Malformed, ReasonOf(lookUp.Find("no id")));
    }

    [Fact]
    [Trait("Req", "T02")]
    [Trait("Req", "T03")]
    public void A_bootloader_is_added_once_and_only_upward()
    {
        Assert.Equal(world.Bootloader, world.AddBootloader("1.0", 1).OrThrow());
        Assert.Equal(Reason.OlderVersion, ReasonOf(world.AddBootloader("1.1", 1)));
        Assert.Equal(2ul, world.AddBootloader("1.1", 2).OrThrow().Sequence);
        Assert.Equal(Reason.OlderVersion, ReasonOf(world.AddBootloader("1.0", 1)));
        Assert.Equal(ProgrammingWorld.Image(), world.Bootloaders.Read(world.Bootloader.Image));
        Assert.Throws<InvalidDataException>(() => world.Bootloaders.Read(Digest.Of("nothing"u8)));
    }

    [Theory]
    [InlineData(Reason.Malformed, "two\nlines", false, false)]
    [InlineData(Reason.BadImage, "pump", true, false)]
    [InlineData(Reason.Malformed, "pump", false, true)]
    public void A_bootloader_that_could_not_be_used_is_refused(
        Reason reason, string product, bool badImage, bool badPlan)
    {
        var add = new AddBootloader(world.Bootloaders, world.Entropy, world.Clock);
        var version = new BootloaderVersion(product, "pump-a", "3.0", 3, ImageEncoding.Hex);
        Assert.Equal(reason, ReasonOf(add.Add(
            version,
            badImage ? [1, 2, 3] : ProgrammingWorld.Image(),
            badPlan ? [1, 2, 3] : ProgrammingWorld.Plan())));
    }

    [Fact]
    public void A_plan_for_another_image_is_refused_when_it_is_added()
    {
        var add = new AddBootloader(world.Bootloaders, world.Entropy, world.Clock);
        var version = new BootloaderVersion("pump", "pump-a", "3.0", 3, ImageEncoding.Raw(0x1000));
        Assert.True(add.Add(version, new byte[64], ProgrammingWorld.Plan()).Refused(out _, out var why));
        Assert.True(why.Reason is Reason.BadImage or Reason.ZoneTooSmall);
        Assert.Equal(
            Reason.TooLarge,
            ReasonOf(add.Add(version, new byte[SealedFile.MaxImageBytes + 1], ProgrammingWorld.Plan())));
    }

    public void Dispose() => world.Dispose();

    private static Reason ReasonOf<T>(Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        return why.Reason;
    }
}
