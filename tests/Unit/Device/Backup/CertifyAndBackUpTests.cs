using System.Text;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Device.Backup;

public class CertifyAndBackUpTests
{
    private readonly BackupParties parties = new();
    private readonly MemoryFiles files = new();
    private readonly LifeOfAChip life;

    public CertifyAndBackUpTests() => life = new LifeOfAChip(parties, files).Personalised();

    [Fact]
    [Trait("Req", "K05")]
    public void A_chip_proves_possession_of_its_keys_for_the_sites_nonce()
    {
        var nonce = new byte[16];
        nonce[0] = 7;
        var host = new MemoryHost().With("nonce", nonce).With("device-id", "d-1"u8.ToArray());
        Assert.Null(life.Execute("possess", host));

        var own = life.OwnCertificate().Content;
        var possession = Message.Parse<Possession>(host.Emitted("possession")).OrThrow()
            .VerifySignature(own.Identity).OrThrow().Content;
        Assert.Equal(
            (own.Chip, own.Device, own.Kem, own.Tls),
            (possession.Chip, possession.Device, possession.Kem, possession.Tls));
        Assert.Equal(nonce, possession.Nonce.ToArray());
    }

    [Theory]
    [InlineData("nonce", "", Reason.Malformed)]
    [InlineData("nonce", "seventeen bytes..", Reason.TooLarge)]
    [InlineData("device-id", "d-2", Reason.WrongIdentity)]
    [InlineData("device-id", "", Reason.Malformed)]
    [InlineData("device-id", "d 1", Reason.Malformed)]
    public void Possession_of_something_else_is_refused(string input, string content, Reason reason)
    {
        var host = new MemoryHost().With("nonce", new byte[16]).With("device-id", "d-1"u8.ToArray())
            .With(input, Encoding.ASCII.GetBytes(content));

        Assert.Equal(reason, life.Execute("possess", host)?.Reason);
        Assert.Empty(host.Emitted("possession"));
        Assert.Equal(Reason.MissingInput, life.Execute("possess", new MemoryHost())?.Reason);
    }

    [Fact]
    public void Before_it_has_an_identity_a_chip_does_nothing_of_this()
    {
        var blank = new LifeOfAChip(parties, files, number: 2);
        var nonce = new MemoryHost().With("nonce", new byte[16]).With("device-id", "d-1"u8.ToArray());

        Assert.Equal(Reason.WrongLifecycle, blank.Execute("possess", nonce)?.Reason);
        Assert.Equal(Reason.WrongLifecycle, blank.Execute("certify", blank.Certification())?.Reason);
        Assert.Equal(Reason.WrongLifecycle, blank.Execute("backup", new MemoryHost())?.Reason);
        Assert.Equal(Reason.WrongLifecycle, life.Execute("backup", new MemoryHost())?.Reason);
        Assert.Equal(Reason.WrongLifecycle, Show([1])?.Reason);
    }

    [Fact]
    [Trait("Req", "K05")]
    [Trait("Req", "K08")]
    public void Only_the_oems_certificate_of_this_chip_this_identity_and_these_keys_is_taken()
    {
        var before = life.State();
        var stranger = new BackupParties(2);
        var other = new LifeOfAChip(parties, files, "d-2", 3);
        var theirs = other.OwnCertificate().Content;

        AssertRefused(Reason.BrokenChain, life.Certification(from: stranger));
        AssertRefused(Reason.BrokenChain, life.Certification().With("issuer", stranger.Issuer.Bytes));
        AssertRefused(Reason.UnknownKey, life.Certification().With("order-key", new byte[65]));
        AssertRefused(Reason.WrongChip, life.Certification(other.OwnCertificate()));
        AssertRefused(Reason.WrongIdentity, With(own => own with { Device = theirs.Device }));
        AssertRefused(
            Reason.BadSignature, life.Certification(life.OwnCertificate(issuing: stranger.IssuingKey)));
        AssertRefused(Reason.BrokenChain, With(own => own with { Product = "boiler" }));
        AssertRefused(
            Reason.BrokenChain, life.Certification().With("issuer", parties.IssuerOf("boiler").Bytes));
        AssertRefused(Reason.WrongChip, With(own => own with { Identity = theirs.Identity }));
        AssertRefused(Reason.WrongChip, With(own => own with { Tls = theirs.Tls }));
        AssertRefused(Reason.WrongChip, With(own => own with { Kem = theirs.Kem }));
        AssertRefused(Reason.MissingInput, new MemoryHost());

        Assert.Equal(before.Item1, life.State().Item1);
        Assert.Null(life.Execute("certify", life.Certification()));
        Assert.NotEqual(before.Item1, life.State().Item1);

        MemoryHost With(Func<Certificate, Certificate> changed) =>
            life.Certification(life.OwnCertificate(changed));

        void AssertRefused(Reason reason, MemoryHost host) =>
            Assert.Equal(reason, life.Execute("certify", host)?.Reason);
    }

    [Fact]
    [Trait("Req", "K04")]
    public void The_backup_is_the_whole_store_sealed_by_the_chip_and_comes_out_the_same_again()
    {
        Assert.Null(life.Execute("certify", life.Certification()));
        var entry = life.BackUp();

        Assert.Equal(entry, life.BackUp());
        Assert.True(entry.AsSpan().IndexOf("KWBACKUP"u8) > 0);
        Assert.Equal(-1, entry.AsSpan().IndexOf(Encoding.ASCII.GetBytes(LifeOfAChip.DeviceKeyText)));
        var identity = life.OwnCertificate().Content.Identity;
        var first = Message.Parse<Entry>(entry).OrThrow().VerifySignature(identity).OrThrow().Content;
        Assert.Equal(1ul, first.Backup.Number);

        // Another certificate gives another entry around the very same backup.
        var newer = life.OwnCertificate(own => own with { Issued = 9 });
        Assert.Null(life.Execute("certify", life.Certification(newer)));
        var again = Message.Parse<Entry>(life.BackUp()).OrThrow();
        Assert.NotEqual(entry, life.BackUp());
        Assert.Equal(first.BackupBytes.ToArray(), again.Claimed.BackupBytes.ToArray());
    }

    [Fact]
    [Trait("Req", "K06")]
    [Trait("Req", "K11")]
    public void Shown_the_proof_of_its_own_backup_a_chip_becomes_fielded_and_its_store_may_change_again()
    {
        Assert.Null(life.Execute("certify", life.Certification()));
        Assert.Equal(Reason.ProofDue, life.Rekey("slot", "key")?.Reason);
        PublishEntry.Run(life.Directory, life.BackUp()).OrThrow();
        var proof = life.NewestProof();
        var before = life.State().Item2;
        Assert.Equal((0ul, Lifecycle.Personalised), (before.StoreShown, before.Lifecycle));

        Assert.Null(Show(proof));

        var shown = life.State().Item2;
        Assert.Equal((1ul, Lifecycle.Fielded), (shown.StoreShown, shown.Lifecycle));
        var commits = life.Look(chip => chip.Journal.Sequence);
        Assert.Null(Show(proof));
        Assert.Equal(commits, life.Look(chip => chip.Journal.Sequence));

        Assert.Null(life.Rekey("slot", "key"));
        Assert.Equal(Reason.StaleBackup, Show(proof)?.Reason);
        life.BackUp();
        Assert.Equal(Reason.BadProof, Show(proof)?.Reason);
        life.PublishAndShow();
        Assert.Equal(2ul, life.State().Item2.StoreShown);
    }

    [Fact]
    [Trait("Req", "K11")]
    public void A_proof_of_another_entry_or_of_another_log_is_refused()
    {
        Assert.Null(life.Execute("certify", life.Certification()));
        PublishEntry.Run(life.Directory, life.BackUp()).OrThrow();
        var other = PublishEntry.Run(life.Directory, parties.EntryOf(parties.NewChip("d-2"), 1)).OrThrow();
        var good = LogProof.Parse(life.NewestProof()).OrThrow();
        var stranger = new BackupParties(2);
        var forged = new Checkpoint(BackupParties.LogName, 1, MerkleTree.LeafHash(life.BackUp()));

        AssertRefused(Reason.BadProof, life.Prove(other));
        AssertRefused(Reason.BadProof, (good with { Index = 1 }).Write());
        AssertRefused(
            Reason.UnknownKey,
            new LogProof(0, [], forged.Sign(stranger.LogKey, stranger.LogSigner)).Write());
        AssertRefused(Reason.Malformed, "no proof"u8.ToArray());
        Assert.Equal(0ul, life.State().Item2.StoreShown);

        void AssertRefused(Reason reason, byte[] proof) => Assert.Equal(reason, Show(proof)?.Reason);
    }

    private Refusal? Show(byte[] proof) => life.Execute("show-proof", new MemoryHost().With("proof", proof));
}
