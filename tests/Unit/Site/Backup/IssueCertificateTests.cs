using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.PublicDirectory.Backup;
using Keywright.Site;
using Keywright.Site.Backup;
using Keywright.Site.Firmware;
using Keywright.Storage.Sqlite;
using Keywright.Storage.Sqlite.Backup;
using Keywright.Storage.Sqlite.Firmware;
using Keywright.TestSupport;
using Keywright.UnitTests.Device.Backup;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Site.Backup;

public sealed class IssueCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private readonly BackupParties parties = new();
    private readonly TemporaryFolder folder = new();
    private readonly ProgrammedDevices devices = new();
    private readonly LifeOfAChip life;
    private readonly string file;
    private SiteDatabase database;

    public IssueCertificateTests()
    {
        life = new LifeOfAChip(parties, new MemoryFiles()).Personalised();
        file = folder.PathTo("site.db");
        database = SiteDatabase.Open(file);
        Learn(life);
        devices.Add(life.Id, "d-1");
    }

    public void Dispose()
    {
        database.Dispose();
        folder.Dispose();
    }

    [Fact]
    [Trait("Req", "K05")]
    [Trait("Req", "K07")]
    public void A_device_is_certified_backed_up_and_shown_its_proof_and_recovers_when_the_site_is_gone()
    {
        var possession = Possess(life);
        var certificate = Site().Answer(possession).OrThrow();
        var content = Message.Parse<Certificate>(certificate).OrThrow()
            .VerifySignature(parties.IssuingKey.Public).OrThrow().Content;
        Assert.Equal((life.Id, "d-1", "station-1"), (content.Chip, $"{content.Device}", content.Station));
        Assert.Equal(BackupParties.Product, content.Product);

        var host = life.Certification().With("certificate", certificate);
        Assert.Null(life.Execute("certify", host));
        life.PublishAndShow();
        var (before, store) = (life.State().Item1, life.Store());

        database.Dispose();
        File.Delete(file);
        life.WipeFlash();
        Assert.Null(life.Execute("recover", life.Recovery()));

        Assert.Equal(before, life.State().Item1);
        Assert.Equal(store, life.Store());
    }

    [Fact]
    [Trait("Req", "K05")]
    public void The_same_certificate_comes_again_for_the_same_keys_also_after_a_restart_and_for_another_nonce()
    {
        var possession = Possess(life);
        var certificate = Site().Answer(possession).OrThrow();

        database.Dispose();
        database = SiteDatabase.Open(file);

        Assert.Equal(certificate.ToArray(), Site().Answer(possession).OrThrow().ToArray());
        Assert.Equal(certificate.ToArray(), Site().Answer(Possess(life)).OrThrow().ToArray());
    }

    [Fact]
    [Trait("Req", "K08")]
    public void A_chip_is_certified_once_and_with_its_own_keys()
    {
        using var keys = new ChipKeys(life.Chip);
        var possession = Message.Parse<Possession>(Possess(life)).OrThrow().Claimed;
        var stranger = parties.NewChip("d-2");

        AssertRefused(Reason.BadSignature, Message.Sign(possession, stranger.Identity));
        AssertRefused(Reason.WrongIdentity, Own(possession with { Device = stranger.Device }));
        AssertRefused(Reason.WrongChip, Own(possession with { Kem = stranger.Kem.Public }));
        AssertRefused(Reason.UnknownChip, Own(possession with { Chip = stranger.Id }));
        AssertRefused(Reason.NoChallenge, Own(possession with { Nonce = new byte[16] }));
        Assert.Null(new SqliteCertificates(database).Find(life.Id));

        Site().Answer(Own(possession).Bytes).OrThrow();
        AssertRefused(Reason.IdentityTaken, Own(possession with { Tls = stranger.Tls.Public }));

        Verified<Possession> Own(Possession changed) => Message.Sign(changed, keys.Identity);
    }

    [Fact]
    public void A_nonce_counts_once_and_only_the_last_one_counts()
    {
        var older = Possess(life);
        Possess(life);

        Assert.True(Site().Answer(older).Refused(out _, out var why));
        Assert.Equal(Reason.NoChallenge, why.Reason);
        Assert.True(Challenge().Open(parties.NewChip("d-2").Id).Refused(out _, out why));
        Assert.Equal(Reason.UnknownChip, why.Reason);
    }

    [Fact]
    [Trait("Req", "K08")]
    public void One_identity_goes_to_one_chip_and_a_chip_that_was_not_programmed_gets_none()
    {
        var twin = new LifeOfAChip(parties, new MemoryFiles(), "d-1", 2).Personalised();
        Learn(twin);
        var possession = Possess(twin);

        Assert.True(Site().Answer(possession).Refused(out _, out var why));
        Assert.Equal(Reason.UnknownId, why.Reason);

        devices.Add(twin.Id, "d-1");
        Site().Answer(Possess(life)).OrThrow();
        Assert.True(Site().Answer(possession).Refused(out _, out why));
        Assert.Equal(Reason.IdentityTaken, why.Reason);
        Assert.Null(new SqliteCertificates(database).Find(twin.Id));
    }

    private byte[] Possess(LifeOfAChip chip)
    {
        var host = new MemoryHost()
            .With("nonce", Challenge().Open(chip.Id).OrThrow())
            .With("device-id", "d-1"u8.ToArray());
        Assert.Null(chip.Execute("possess", host));
        return host.Emitted("possession");
    }

    private void AssertRefused(Reason reason, Verified<Possession> possession)
    {
        Assert.True(Site().Answer(possession.Bytes).Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }

    private void Learn(LifeOfAChip chip)
    {
        using var keys = new ChipKeys(chip.Chip);
        var order = new ProductionOrder(Digest.Of("order"u8), "order-1", "thermostat", "factory-1", 9);
        var learnt = new LearntChip(chip.Id, keys.Identity.Public, keys.Kem.Public, order.Digest);
        new SqliteChips(database).Learn(order, [learnt], Now);
    }

    private IssueCertificate Site() => new(
        new SqliteChips(database), devices, new SqliteCertificates(database), parties.IssuingKey, new Clock());

    private ChallengeChip Challenge() => new(
        new SqliteChips(database), new SqliteCertificates(database), devices.Entropy, new Clock());

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>The registry's view of programmed devices; how they get there is told elsewhere.</summary>
    private sealed class ProgrammedDevices : IDeviceRegistry
    {
        private readonly Dictionary<ChipId, DeviceRecord> devices = [];

        public SeededEntropy Entropy { get; } = new(9);

        public void Add(ChipId chip, string device) => devices[chip] = new DeviceRecord
        {
            Id = RecordId.New(Now, Entropy),
            Chip = chip,
            Devices = [DeviceId.Parse(device).OrThrow()],
            Kid = 1,
            SealedKey = new byte[1],
            Product = "thermostat",
            DeviceType = "th-100",
            Order = Digest.Of("order"u8),
            Station = "station-1",
            Factory = "factory-1",
            Turn = 1,
            Take = Digest.Of("take"u8),
            Bootloader = RecordId.New(Now, Entropy),
            ProgrammedAt = Now,
        };

        public DeviceRecord? Find(DeviceId device) =>
            devices.Values.FirstOrDefault(record => record.Devices.Contains(device));

        public DeviceRecord? Find(ChipId chip) => devices.GetValueOrDefault(chip);

        public void MarkActive(DeviceRecord device, DateTimeOffset at) => throw new NotSupportedException();

        public IReadOnlyList<DeviceRecord> Made(string? station, int count) => [.. devices.Values];
    }
}
