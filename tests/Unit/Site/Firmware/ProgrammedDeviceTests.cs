using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;
using Keywright.Station.Firmware;
using Keywright.Storage.Sqlite.Backup;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

/// <summary>From the station's line to the field, on one database.</summary>
public sealed class ProgrammedDeviceTests : IDisposable
{
    private readonly ProgrammingWorld world = new();
    private readonly SigningKey owner = SigningKey.Generate(new SeededEntropy(0x51));

    [Fact]
    [Trait("Req", "T11")]
    [Trait("Req", "T17")]
    public void A_device_that_a_station_programmed_gets_its_software_and_counts_as_active()
    {
        using var device = TestDevice.Of(Programmed());
        var module = TestModule.Sign(
            owner, 1, 20_000, plan => plan with { Product = ProgrammingWorld.Product });
        var archive = new SqliteSoftware(world.Database);
        new AddSoftware(archive, world.Clock).Add(module.Manifest, owner.Public, module.Streams()).OrThrow();
        var terms = new SqliteDeliveryTerms(world.Database);
        var tracking = new SqliteTracking(world.Database);
        var known = new KnownDevices(world.Devices, new SqliteCertificates(world.Database), world.Sealer);
        var ledger = new SqliteDeliveries(world.Database);
        var edge = new Edge(world.Alerts, tracking, world.Clock);
        var deliver = new DeliverFirmware(known, ledger, archive, terms, edge, world.Entropy, world.Clock);

        Assert.Null(world.Devices.Find(device.ChipId)!.ActiveAt);
        var grant = deliver.Answer(device.Claim()).OrThrow();
        var opening = new OpenBodies(known, ledger, archive, edge);
        using (var bodies = opening.Open(Digest.Of(grant.Span)).OrThrow())
        {
            Assert.Null(device.Install(grant, bodies.Manifest, DeliveryWorld.ReadAll(bodies)));
        }

        new CloseDelivery(known, ledger, edge, world.Clock).Close(device.Done()).OrThrow();
        Assert.Equal(module.Programs[0], device.BytesOf(owner.Public.Id, "app"));
        Assert.Equal("1.1", Assert.Single(tracking.SoftwareOn(device.ChipId)).Version);
        Assert.NotNull(world.Devices.Find(device.ChipId)!.ActiveAt);
        Assert.Equal(1, Assert.Single(world.Chips.Counts()).Active);
    }

    public void Dispose()
    {
        owner.Dispose();
        world.Dispose();
    }

    private Keywright.Chips.SoftChip Programmed()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        using (var state = ChipState.Boot(chip))
        {
            using var transaction = state.Journal.Begin();
            using var draft = state.KeyStore.Draft();
            var anchor = new KeyHandle(KeyKind.TrustAnchor, "1");
            Assert.Null(draft.Put(anchor, new KeyAttributes("owner", "", 1), owner.Public.Bytes));
            Assert.Null(state.KeyStore.Stage(draft, transaction));
            transaction.Commit();
        }

        using var journal = world.OpenJournal();
        using var booted = BootedDevice.Boot(chip);
        var link = new LocalSite(world.Site.Answer);
        new ProgramChip(journal, link, world.ProgrammingKey.Public, world.Entropy)
            .Program(booted, ProgrammingWorld.DeviceType, ProgrammingWorld.Order)
            .OrThrow();
        return chip;
    }
}
