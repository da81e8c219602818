using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.PublicDirectory.Backup;
using Keywright.Station.Backup;
using Keywright.TestSupport;
using Keywright.UnitTests.Device.Backup;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Station.Backup;

public class FieldDeviceTests
{
    private const int Deeds = 8;

    private readonly BackupParties parties = new();
    private readonly LifeOfAChip life;

    public FieldDeviceTests() => life = new LifeOfAChip(parties, new MemoryFiles()).Personalised();

    [Fact]
    [Trait("Req", "K04")]
    [Trait("Req", "K05")]
    [Trait("Req", "K06")]
    public void A_station_takes_a_device_to_the_field_and_anyone_recovers_it()
    {
        var line = new Line(life, parties);
        Assert.Null(line.Station().Run(line, DeviceId.Parse("d-1").OrThrow()));
        Assert.Equal(Deeds, line.Done);
        Assert.Equal(Lifecycle.Fielded, life.State().Item2.Lifecycle);
        Assert.Null(life.Rekey("slot", "an application key"));
        Assert.Null(new PublishBackup(line).Run(line));
        var store = life.Store();

        life.WipeFlash();
        Assert.Null(new RecoverDevice(line).Run(line));

        Assert.Equal(store, life.Store());
    }

    [Fact]
    [Trait("Req", "K05")]
    public void Killed_before_or_after_any_deed_the_station_begins_again_and_gets_there()
    {
        for (var deed = 0; deed < Deeds; deed++)
        {
            foreach (var after in new[] { false, true })
            {
                var files = new MemoryFiles();
                var killed = new LifeOfAChip(parties, files, number: 2).Personalised();
                var line = new Line(killed, parties) { KilledAt = deed, AfterTheDeed = after };
                var device = DeviceId.Parse("d-1").OrThrow();
                Assert.Throws<IOException>(() => line.Station().Run(line, device));

                line.KilledAt = -1;
                Assert.Null(line.Station().Run(line, device));

                Assert.Equal(Lifecycle.Fielded, killed.State().Item2.Lifecycle);
                Assert.Equal(1, killed.Directory.Size);
            }
        }
    }

    [Fact]
    public void What_the_site_the_chip_or_the_directory_refuses_is_told()
    {
        var line = new Line(life, parties);
        var other = DeviceId.Parse("d-2").OrThrow();
        Assert.Equal(Reason.WrongIdentity, line.Station().Run(line, other)?.Reason);

        var stranger = new Line(life, new BackupParties(2));
        Assert.Equal(Reason.BrokenChain, stranger.Station().Run(line, DeviceId.Parse("d-1").OrThrow())?.Reason);
        Assert.Equal(Reason.UnknownEntry, new RecoverDevice(line).Run(line)?.Reason);
    }

    /// <summary>
    /// Chip, site and directory as the station sees them; any deed can be the last before a kill.
    /// </summary>
    private sealed class Line(LifeOfAChip life, BackupParties parties) : IChip, ICertifier, IPublisher, IBackupSource
    {
        private readonly byte[] nonce = new byte[Possession.NonceSize];
        private Verified<Certificate>? certificate;

        public int KilledAt { get; set; } = -1;

        public bool AfterTheDeed { get; set; }

        public int Done { get; private set; }

        public FieldDevice Station() =>
            new(parties.OrderKey.Public.Bytes.ToArray(), parties.Issuer.Bytes, this, this);

        public Refusal? Execute(string command, IChipHost host) => Deed(() =>
        {
            using var booted = BootedDevice.Boot(life.Chip);
            return booted.Execute(command, host);
        });

        public Outcome<byte[]> OpenNonce(ChipId chip) => Deed<Outcome<byte[]>>(() =>
        {
            nonce[0]++;
            return nonce;
        });

        public Outcome<ReadOnlyMemory<byte>> Certify(ReadOnlyMemory<byte> possession) =>
            Deed<Outcome<ReadOnlyMemory<byte>>>(() =>
            {
                var claimed = Message.Parse<Possession>(possession).OrThrow().Claimed;
                Assert.Equal(nonce, claimed.Nonce.ToArray());
                certificate ??= life.OwnCertificate(issuing: parties.IssuingKey);
                return certificate.Bytes;
            });

        public Outcome<byte[]> Publish(ReadOnlyMemory<byte> entry) => Deed<Outcome<byte[]>>(() =>
            PublishEntry.Run(life.Directory, entry).Refused(out var listed, out var why)
                ? why
                : ProveEntry.Run(life.Files, listed));

        public Outcome<PublicBackup> Newest(ChipId chip)
        {
            if (LookUpChip.Run(life.Files, chip).Refused(out var found, out var why))
            {
                return why;
            }

            return new PublicBackup(
                found[0].Entry, life.Prove(found[0].Listed), found[0].Issuer, found[0].OrderKey);
        }

        private T Deed<T>(Func<T> deed)
        {
            var here = Done++ == KilledAt;
            if (here && !AfterTheDeed)
            {
                throw new IOException("killed");
            }

            var result = deed();
            return here ? throw new IOException("killed") : result;
        }
    }
}
