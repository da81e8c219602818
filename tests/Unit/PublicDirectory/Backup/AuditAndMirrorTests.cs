using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Keys;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;

namespace Keywright.UnitTests.PublicDirectory.Backup;

[Trait("Req", "K11")]
public sealed class AuditAndMirrorTests : IDisposable
{
    private const int Entries = 5;

    private readonly BackupParties parties = new();
    private readonly MemoryFiles files = new();
    private readonly DirectoryLog log;
    private readonly List<string> paths = [];
    private readonly string folder = Directory.CreateTempSubdirectory("keywright-").FullName;

    public AuditAndMirrorTests()
    {
        log = parties.OpenDirectory(files);
        parties.AdmitTo(log);
        for (var i = 0; i < Entries; i++)
        {
            var chip = parties.NewChip($"d-{i}");
            var listed = PublishEntry.Run(log, parties.EntryOf(chip, 1)).OrThrow();
            var name = $"/{listed.LeafHash}.entry";
            paths.Add(files.List("chip").Single(path => path.EndsWith(name, StringComparison.Ordinal)));
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_directory_as_it_was_written_audits_clean()
    {
        var report = AuditDirectory.Run(files, parties.LogKey);

        Assert.Empty(report.Faults);
        Assert.Equal(Entries, report.Checkpoint!.Size);
    }

    [Fact]
    public void A_damaged_entry_is_named()
    {
        files.Tamper(paths[2], entry => [.. entry[..^1], (byte)(entry[^1] ^ 1)]);

        Assert.Equal([new AuditFault(Finding.Damaged, paths[2])], Audited());
    }

    [Fact]
    public void A_removed_entry_is_named()
    {
        files.Delete(paths[3]);

        Assert.Equal([new AuditFault(Finding.Removed, paths[3])], Audited());
    }

    [Fact]
    public void An_entry_removed_with_its_list_is_named_by_its_leaf()
    {
        files.Delete(paths[3]);
        files.Delete($"{paths[3][..paths[3].LastIndexOf('/')]}/entries");

        var fault = Assert.Single(AuditDirectory.Run(files, parties.LogKey).Faults);
        Assert.Equal(Finding.Removed, fault.Finding);
        Assert.StartsWith("leaf 3,", fault.About, StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_that_changed_places_are_named()
    {
        files.Tamper("leaves", leaves =>
            [.. leaves[..32], .. leaves[64..96], .. leaves[32..64], .. leaves[96..]]);

        var faults = AuditDirectory.Run(files, parties.LogKey).Faults;

        Assert.Contains(faults, fault => fault.Finding == Finding.ChangedLeaves);
        Assert.Equal(
            paths.Slice(1, 2).Order(),
            faults.Where(fault => fault.Finding == Finding.Reordered).Select(fault => fault.About).Order());
    }

    [Fact]
    public void An_entry_that_was_never_logged_is_named()
    {
        var stray = $"{paths[0][..paths[0].LastIndexOf('/')]}/{Digest.Zero}.entry";
        files.Replace(stray, [1, 2, 3]);

        Assert.Equal([new AuditFault(Finding.Unlogged, stray)], Audited());
    }

    [Fact]
    public void Every_changed_bit_of_every_file_of_the_log_is_found()
    {
        var one = new MemoryFiles();
        parties.AdmitTo(parties.OpenDirectory(one));
        PublishEntry.Run(parties.OpenDirectory(one), parties.EntryOf(parties.NewChip("d-9"), 1)).OrThrow();
        foreach (var path in one.All.Keys.Where(path => path != "log-key"))
        {
            var size = one.Read(path)!.Length;
            for (var bit = 0; bit < size * 8; bit += size > 400 ? 11 : 1)
            {
                var changed = one.Copy();
                changed.Tamper(path, content =>
                {
                    content[bit / 8] ^= (byte)(1 << (bit % 8));
                    return content;
                });
                Assert.False(AuditDirectory.Run(changed, parties.LogKey).Clean, $"{path}, bit {bit}");
            }
        }
    }

    [Fact]
    public void A_directory_that_hides_its_past_under_a_new_checkpoint_is_caught_by_its_mirror()
    {
        var mirror = new MemoryFiles();
        Assert.Equal(Entries, MirrorDirectory.Run(files, mirror, parties.LogKey).OrThrow().Size);

        var rewritten = new MemoryFiles();
        var forked = parties.OpenDirectory(rewritten);
        parties.AdmitTo(forked);
        for (var i = 0; i <= Entries; i++)
        {
            AssertRefused(Reason.BadProof, MirrorDirectory.Run(rewritten, mirror, parties.LogKey));
            PublishEntry.Run(forked, parties.EntryOf(parties.NewChip($"x-{i}"), 1)).OrThrow();
        }

        Assert.True(AuditDirectory.Run(rewritten, parties.LogKey).Clean);
        AssertRefused(Reason.BadProof, MirrorDirectory.Run(rewritten, mirror, parties.LogKey));
        Assert.True(AuditDirectory.Run(mirror, parties.LogKey).Clean);
    }

    [Fact]
    public void A_damaged_directory_is_not_mirrored()
    {
        files.Tamper(paths[2], entry => entry[1..]);

        AssertRefused(Reason.BadProof, MirrorDirectory.Run(files, new MemoryFiles(), parties.LogKey));
    }

    [Fact]
    public void A_proof_can_wait_until_a_mirror_holds_the_entry()
    {
        var mirror = new MemoryFiles();
        MirrorDirectory.Run(files, mirror, parties.LogKey).OrThrow();
        var chip = parties.NewChip("d-9");
        var listed = PublishEntry.Run(log, parties.EntryOf(chip, 1)).OrThrow();

        AssertRefused(Reason.ProofDue, ProveEntry.Run(files, listed, mirror));

        MirrorDirectory.Run(files, mirror, parties.LogKey).OrThrow();
        var proof = ProveEntry.Run(files, listed, mirror).OrThrow();
        Assert.Equal(proof, ProveEntry.Run(mirror, listed).OrThrow());
    }

    [Fact]
    public void A_mirror_cut_at_any_write_is_whole_after_the_next_run()
    {
        var probe = new MemoryFiles();
        MirrorDirectory.Run(files, probe, parties.LogKey).OrThrow();
        for (var cut = 0; cut < probe.Writes; cut++)
        {
            var mirror = new MemoryFiles { CutAfter = cut };
            Assert.Throws<IOException>(() => MirrorDirectory.Run(files, mirror, parties.LogKey));
            mirror.CutAfter = -1;
            MirrorDirectory.Run(files, mirror, parties.LogKey).OrThrow();
            Assert.Equal(probe.All, mirror.All);
        }

        // A mirror has the tiles of the sizes that it held itself.
        var smaller = Enumerable.Range(1, Entries - 1).Select(size => TileId.Of(size).Single().Path);
        Assert.Equal(files.All.Keys.Except(smaller), probe.All.Keys);
        Assert.All(probe.All, file => Assert.Equal(files.Read(file.Key), file.Value));
    }

    [Fact]
    public void A_changed_tile_is_named()
    {
        files.Tamper("tile/0/000.p/5", tile => [(byte)(tile[0] ^ 1), .. tile[1..]]);

        Assert.Equal([new AuditFault(Finding.Damaged, "tile/0/000.p/5")], Audited());
    }

    [Fact]
    public void On_a_disk_the_files_are_the_same_and_one_writer_has_them()
    {
        using (var disk = DiskFiles.ForWriting(folder))
        {
            MirrorDirectory.Run(files, disk, parties.LogKey).OrThrow();
            Assert.Throws<IOException>(() => DiskFiles.ForWriting(folder));
            var entry = parties.EntryOf(parties.NewChip("d-8"), 1);
            PublishEntry.Run(parties.OpenDirectory(disk), entry).OrThrow();
        }

        using var read = DiskFiles.ForReading(folder);
        var report = AuditDirectory.Run(read, parties.LogKey);
        Assert.Empty(report.Faults);
        Assert.Equal(Entries + 1, report.Checkpoint!.Size);
        Assert.Equal($"{parties.LogKey}\n", Encoding.ASCII.GetString(read.Read("log-key")!));
        Assert.Null(read.Read("publishing"));
        Assert.Null(read.Read("chip/aa"));
    }

    private IReadOnlyList<AuditFault> Audited() => AuditDirectory.Run(files, parties.LogKey).Faults;

    private static void AssertRefused<T>(Reason reason, Outcome<T> outcome)
        where T : notnull
    {
        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }
}
