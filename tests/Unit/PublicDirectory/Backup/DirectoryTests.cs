using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;

namespace Keywright.UnitTests.PublicDirectory.Backup;

public class DirectoryTests
{
    private readonly BackupParties parties = new();
    private readonly MemoryFiles files = new();
    private readonly DirectoryLog log;

    public DirectoryTests()
    {
        log = Open(files);
        parties.AdmitTo(log);
    }

    [Fact]
    [Trait("Req", "K06")]
    public void Anyone_finds_a_chips_backup_certificate_and_keys_by_its_chip_id_and_checks_the_proof()
    {
        var chips = Enumerable.Range(1, 7).Select(i => parties.NewChip($"d-{i}")).ToList();
        chips.ForEach(chip => PublishEntry.Run(log, parties.EntryOf(chip, 1)).OrThrow());

        foreach (var chip in chips)
        {
            var found = Assert.Single(LookUpChip.Run(files, chip.Id).OrThrow());
            var entry = Message.Parse<Entry>(found.Entry).OrThrow();
            Assert.Equal(chip.Device, entry.Claimed.Certificate.Claimed.Device);
            Assert.Equal(chip.Kem.Public, entry.Claimed.Certificate.Claimed.Kem);
            Assert.Equal(parties.Issuer.Bytes.ToArray(), found.Issuer.ToArray());
            Assert.Equal(parties.OrderKey.Public.Bytes.ToArray(), found.OrderKey.ToArray());

            var proof = LogProof.Parse(ProveEntry.Run(files, found.Listed).OrThrow()).OrThrow();
            var leafHash = MerkleTree.LeafHash(found.Entry.Span);
            Assert.Equal(7, proof.Check(leafHash, parties.LogKey).OrThrow().Size);
        }
    }

    [Fact]
    public void A_chip_that_was_never_published_is_an_unknown_entry()
    {
        AssertRefused(Reason.UnknownEntry, LookUpChip.Run(files, parties.NewChip("d-1").Id));
    }

    [Fact]
    public void The_same_entry_again_gets_the_same_place_again()
    {
        var chip = parties.NewChip("d-1");
        var older = parties.EntryOf(chip, 1);
        var listed = PublishEntry.Run(log, older).OrThrow();
        PublishEntry.Run(log, parties.EntryOf(chip, 2)).OrThrow();

        Assert.Equal(listed, PublishEntry.Run(log, older).OrThrow());
        Assert.Equal(2, log.Size);
        var found = LookUpChip.Run(files, chip.Id).OrThrow();
        Assert.Equal([2ul, 1ul], found.Select(each => each.Listed.Number));
    }

    [Fact]
    [Trait("Req", "K11")]
    public void What_a_carrier_can_judge_is_judged_before_it_is_logged()
    {
        var chip = parties.NewChip("d-1");
        var other = parties.NewChip("d-2");
        PublishEntry.Run(log, parties.EntryOf(chip, 2)).OrThrow();
        var held = files.Copy().All;

        AssertRefused(Reason.StaleBackup, PublishEntry.Run(log, parties.EntryOf(chip, 1)));
        AssertRefused(Reason.StaleBackup, PublishEntry.Run(log, parties.EntryOf(chip, 2, "other keys")));
        var selfMade = parties.Certify(chip, other.Identity);
        AssertRefused(
            Reason.BrokenChain, PublishEntry.Run(log, parties.EntryOf(chip, 3, certificate: selfMade)));
        AssertRefused(
            Reason.BadSignature,
            PublishEntry.Run(log, parties.EntryOf(chip, 3, certificate: parties.Certify(other))));
        var renamed = chip with { Device = other.Device };
        AssertRefused(Reason.WrongIdentity, PublishEntry.Run(log, parties.EntryOf(renamed, 3)));
        var doubled = other with { Id = chip.Id };
        AssertRefused(Reason.WrongIdentity, PublishEntry.Run(log, parties.EntryOf(doubled, 3)));

        Assert.Equal(held, files.All);
    }

    [Fact]
    [Trait("Req", "K08")]
    public void Where_one_key_issues_for_several_products_an_entry_is_filed_with_the_issuer_of_its_own()
    {
        var other = parties.IssuerOf("boiler");
        var shared = new MemoryFiles();
        var both = Open(shared);
        both.Admit(parties.OrderKey.Public.Id, parties.OrderKey.Public.Bytes, other.Bytes).OrThrow();
        var chip = parties.NewChip("d-1");
        AssertRefused(Reason.BrokenChain, PublishEntry.Run(both, parties.EntryOf(chip, 1)));

        parties.AdmitTo(both);
        Assert.True(AuditDirectory.Run(shared, parties.LogKey).Clean);
        Assert.Equal(parties.Issuer.Digest, PublishEntry.Run(both, parties.EntryOf(chip, 1)).OrThrow().Issuer);
        AssertRefused(Reason.WrongIdentity, PublishEntry.Run(both, AsBoiler(chip, 2)));
        Assert.Equal(
            other.Digest, PublishEntry.Run(both, AsBoiler(parties.NewChip("d-2"), 1)).OrThrow().Issuer);
        Assert.True(AuditDirectory.Run(shared, parties.LogKey).Clean);

        // A list that names the Issuer of the other product: who audits sees it.
        var list = shared.List("chip").Single(path =>
            path.EndsWith("/entries", StringComparison.Ordinal) && path.Contains($"{chip.Id}", StringComparison.Ordinal));
        var text = Encoding.ASCII.GetString(shared.Read(list)!);
        var swapped = text.Replace($"{parties.Issuer.Digest}", $"{other.Digest}", StringComparison.Ordinal);
        shared.Replace(list, Encoding.ASCII.GetBytes(swapped));
        var fault = Assert.Single(AuditDirectory.Run(shared, parties.LogKey).Faults);
        Assert.Equal(Finding.Damaged, fault.Finding);
    }

    private byte[] AsBoiler(BackupChip chip, ulong number)
    {
        var own = Message.Parse<Certificate>(parties.Certify(chip).Bytes).OrThrow().Claimed;
        return parties.EntryOf(
            chip, number, certificate: Message.Sign(own with { Product = "boiler" }, parties.IssuingKey));
    }

    [Fact]
    public void An_issuer_is_let_in_only_for_this_log_and_from_the_oem_that_the_operator_named()
    {
        var stranger = new BackupParties(2);
        var oem = parties.OrderKey.Public;

        AssertRefused(Reason.UnknownKey, log.Admit(
            stranger.OrderKey.Public.Id, stranger.OrderKey.Public.Bytes, stranger.Issuer.Bytes));
        AssertRefused(
            Reason.BrokenChain, log.Admit(oem.Id, stranger.OrderKey.Public.Bytes, stranger.Issuer.Bytes));
        AssertRefused(Reason.BrokenChain, log.Admit(oem.Id, oem.Bytes, stranger.Issuer.Bytes));
        Assert.Equal(2, files.List("issuer").Count);
    }

    [Fact]
    public void A_directory_opened_again_goes_on_where_it_stopped()
    {
        var chip = parties.NewChip("d-1");
        PublishEntry.Run(log, parties.EntryOf(chip, 1)).OrThrow();

        var again = Open(files);

        Assert.Equal(1, PublishEntry.Run(again, parties.EntryOf(chip, 2)).OrThrow().Leaf);
        Assert.Throws<InvalidDataException>(
            () => DirectoryLog.Open(files, "another.example", parties.LogSigner));
        Assert.Throws<InvalidDataException>(
            () => DirectoryLog.Open(files, BackupParties.LogName, parties.IssuingKey));
    }

    [Fact]
    [Trait("Req", "K11")]
    public void The_published_files_name_no_chip_to_one_who_does_not_know_its_id()
    {
        var chip = parties.NewChip("d-1");
        PublishEntry.Run(log, parties.EntryOf(chip, 1)).OrThrow();

        var raw = Encoding.Latin1.GetString(chip.Id.ToArray());
        foreach (var path in files.All.Keys.Except(files.List("chip")))
        {
            var text = Encoding.Latin1.GetString(files.Read(path)!);
            Assert.DoesNotContain(chip.Id.ToString(), path + text, StringComparison.Ordinal);
            Assert.DoesNotContain(raw, text, StringComparison.Ordinal);
        }
    }

    private static void AssertRefused<T>(Reason reason, Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }

    private DirectoryLog Open(MemoryFiles from) => parties.OpenDirectory(from);
}
