using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Sealing.Backup;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Device.Backup;

public class RecoverTests
{
    private readonly BackupParties parties = new();
    private readonly MemoryFiles files = new();
    private readonly LifeOfAChip life;

    public RecoverTests() => life = new LifeOfAChip(parties, files).Fielded();

    [Fact]
    [Trait("Req", "K01")]
    [Trait("Req", "K07")]
    public void From_public_files_alone_a_wiped_chip_has_exactly_its_keys_and_identity_again()
    {
        Assert.Null(life.Rekey("slot", "an application key"));
        life.PublishAndShow();
        var (before, store) = (life.State(), life.Store());
        var certificate = life.Look(chip => chip.Journal.ReadAll("certificate").OrThrow());

        life.WipeFlash();
        Assert.Equal(Reason.StaleBackup, life.Execute("backup", new MemoryHost())?.Reason);
        Assert.Null(life.Execute("recover", life.Recovery()));

        Assert.Equal(store, life.Store());
        Assert.Equal(certificate, life.Look(chip => chip.Journal.ReadAll("certificate").OrThrow()));
        Assert.Equal(before.Item1, life.State().Item1);
        Assert.False(life.Look(chip => chip.KeyStore.Find(LifeOfAChip.DeviceKey)).Refused(out _, out _));
        Assert.Null(life.Rekey("slot", "the next key"));
    }

    [Fact]
    [Trait("Req", "K07")]
    public void A_recovery_can_be_repeated_and_a_mirror_serves_as_well()
    {
        var mirror = new MemoryFiles();
        MirrorDirectory.Run(files, mirror, parties.LogKey).OrThrow();
        var found = LookUpChip.Run(mirror, life.Id).OrThrow()[0];
        var host = life.Recovery().With("proof", ProveEntry.Run(mirror, found.Listed).OrThrow());

        for (var i = 0; i < 3; i++)
        {
            life.WipeFlash();
            Assert.Null(life.Execute("recover", host));
            var commits = life.Look(chip => chip.Journal.Sequence);
            Assert.Null(life.Execute("recover", host));
            Assert.Equal(commits, life.Look(chip => chip.Journal.Sequence));
        }
    }

    [Fact]
    [Trait("Req", "K07")]
    public void A_chip_whose_new_backup_was_never_shown_recovers_to_the_one_before_or_to_the_new_one()
    {
        Assert.Null(life.Rekey("slot", "an application key"));
        PublishEntry.Run(life.Directory, life.BackUp()).OrThrow();
        var (newest, store) = (life.Chip.Snapshot(), life.Store());

        life.WipeFlash();
        Assert.Null(life.Execute("recover", life.Recovery(older: 1)));
        Assert.Equal(1ul, life.Look(chip => chip.KeyStore.Number));
        Assert.Null(life.Execute("recover", life.Recovery()));
        Assert.Equal(store, life.Store());
        Assert.Equal(Reason.StaleBackup, life.Execute("recover", life.Recovery(older: 1))?.Reason);
        Assert.Null(life.Execute("show-proof", new MemoryHost().With("proof", life.NewestProof())));
        Assert.Equal(2ul, newest.Monotonic.State.StoreIssued);
    }

    [Fact]
    [Trait("Req", "K08")]
    public void Another_devices_backup_is_refused_and_the_device_stays_as_it_was()
    {
        var other = new LifeOfAChip(parties, files, "d-2", 2).Fielded();
        var stranger = new BackupParties(2);
        var theirs = new MemoryFiles();
        var foreign = new LifeOfAChip(stranger, theirs, "d-1", 3).Fielded();

        AssertRefused(Reason.ForeignBackup, other.Recovery());
        AssertRefused(Reason.BrokenChain, foreign.Recovery());

        // Their backup with our certificate, signed by them.
        using var keys = new ChipKeys(other.Chip);
        var spliced = EntryOf(other.BackUp()).Claimed with { CertificateBytes = life.OwnCertificate().Bytes };
        AssertRefused(Reason.BadSignature, Published(Message.Sign(spliced, keys.Identity)));

        // A chip with our identity key but another backup key: only what opens counts.
        using var own = new ChipKeys(life.Chip);
        var backup = BackupSealer.Seal(keys.Backup, life.Id, Digest.Of("d-1"u8), 1, "no keys of ours"u8);
        var unopened = Entry.Of(backup, life.OwnCertificate());
        AssertRefused(Reason.ForeignBackup, Published(Message.Sign(unopened, own.Identity)));
    }

    [Fact]
    [Trait("Req", "K08")]
    public void An_edited_certificate_another_identity_and_another_chain_are_refused()
    {
        using var own = new ChipKeys(life.Chip);
        var entry = EntryOf(life.BackUp()).Claimed;
        var another = DeviceId.Parse("d-7").OrThrow();
        var stranger = new BackupParties(2);

        AssertRefused(Reason.WrongIdentity, With(life.OwnCertificate(it => it with { Device = another })));
        AssertRefused(Reason.BadSignature, With(life.OwnCertificate(issuing: stranger.IssuingKey)));
        var bytes = life.OwnCertificate(it => it with { Station = "station-2" }).Bytes.ToArray();
        var place = bytes.AsSpan().IndexOf("station-2"u8);
        bytes[place + 8] = (byte)'1';
        var edited = entry with { CertificateBytes = bytes };
        AssertRefused(Reason.BadSignature, Published(Message.Sign(edited, own.Identity)));
        var orderKey = stranger.OrderKey.Public.Bytes.ToArray();
        AssertRefused(Reason.BrokenChain, life.Recovery().With("order-key", orderKey));
        AssertRefused(Reason.BrokenChain, life.Recovery().With("issuer", stranger.Issuer.Bytes));

        MemoryHost With(Verified<Certificate> certificate) =>
            Published(Message.Sign(entry with { CertificateBytes = certificate.Bytes }, own.Identity));
    }

    [Fact]
    [Trait("Req", "K08")]
    public void A_recovery_gives_no_device_another_product_of_the_same_issuing_key()
    {
        var boiler = parties.IssuerOf("boiler");
        AssertRefused(Reason.BrokenChain, life.Recovery().With("issuer", boiler.Bytes));
    }

    [Fact]
    [Trait("Req", "K08")]
    public void An_older_backup_is_refused()
    {
        Assert.Null(life.Rekey("slot", "an application key"));
        life.PublishAndShow();

        AssertRefused(Reason.StaleBackup, life.Recovery(older: 1));
        Assert.Equal(Reason.StaleBackup, life.Execute("recover", life.Recovery(older: 1))?.Reason);
    }

    [Fact]
    [Trait("Req", "K11")]
    public void A_backup_that_nobody_logged_is_refused()
    {
        AssertRefused(Reason.BadProof, life.Recovery().With("entry", Resigned()));
        AssertRefused(Reason.Malformed, life.Recovery().With("proof", "no proof"u8.ToArray()));
        AssertRefused(Reason.MissingInput, new MemoryHost());

        byte[] Resigned()
        {
            using var own = new ChipKeys(life.Chip);
            return Message.Sign(EntryOf(life.BackUp()).Claimed, own.Identity).Bytes.ToArray();
        }
    }

    [Fact]
    [Trait("Req", "K04")]
    public void What_has_not_the_backup_code_is_not_taken_for_a_backup()
    {
        using var own = new ChipKeys(life.Chip);
        var entry = EntryOf(life.BackUp()).Claimed;
        var bytes = entry.BackupBytes.ToArray();
        bytes[bytes.AsSpan().IndexOf("KWBACKUP"u8)] ^= 1;

        var unmarked = Message.Sign(entry with { BackupBytes = bytes }, own.Identity);
        AssertRefused(Reason.WrongType, life.Recovery().With("entry", unmarked.Bytes));
    }

    [Fact]
    [Trait("Req", "K08")]
    public void Every_changed_bit_of_an_entry_is_refused_by_the_chip()
    {
        var host = life.Recovery();
        var entry = life.BackUp();
        life.WipeFlash();
        using var booted = BootedDevice.Boot(life.Chip.Snapshot());
        for (var bit = 0; bit < entry.Length * 8; bit++)
        {
            entry[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(booted.Execute("recover", host.With("entry", entry)) is not null, $"bit {bit}");
            entry[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Null(booted.Execute("recover", host.With("entry", entry)));
    }

    /// <summary>Refused by the whole device and by the wiped one, and neither has changed.</summary>
    private void AssertRefused(Reason reason, MemoryHost host)
    {
        var whole = life.Chip;
        AssertUnchanged();
        life.WipeFlash();
        AssertUnchanged();
        Assert.Null(life.Execute("recover", life.Recovery()));
        var recovered = life.State().Item1;
        using var chip = ChipState.Boot(whole.Snapshot());
        Assert.Equal(Keywright.Chips.PowerCutSweep.Fingerprint(chip), recovered);

        void AssertUnchanged()
        {
            var before = life.State().Item1;
            Assert.Equal(reason, life.Execute("recover", host)?.Reason);
            Assert.Equal(before, life.State().Item1);
        }
    }

    /// <summary>
    /// What the directory would not take, logged all the same: a directory that plays along with the
    /// attacker.
    /// </summary>
    private MemoryHost Published(Verified<Entry> entry)
    {
        var checkpoint = new Checkpoint(BackupParties.LogName, 1, MerkleTree.LeafHash(entry.Bytes.Span));
        var proof = new LogProof(0, [], checkpoint.Sign(parties.LogKey, parties.LogSigner));
        return life.Recovery().With("entry", entry.Bytes).With("proof", proof.Write());
    }

    private static Unverified<Entry> EntryOf(byte[] bytes) => Message.Parse<Entry>(bytes).OrThrow();
}
