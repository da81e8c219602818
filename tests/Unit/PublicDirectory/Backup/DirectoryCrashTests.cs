using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;

namespace Keywright.UnitTests.PublicDirectory.Backup;

/// <summary>
/// The directory dies at every write, after every number of bytes, and once more while it heals.
/// </summary>
public class DirectoryCrashTests
{
    private readonly BackupParties parties = new();
    private readonly MemoryFiles before = new();
    private readonly ListedEntry first;
    private readonly byte[] second;
    private readonly int writes;

    public DirectoryCrashTests()
    {
        var log = Open(before);
        parties.AdmitTo(log);
        first = PublishEntry.Run(log, parties.EntryOf(parties.NewChip("d-1"), 1)).OrThrow();
        second = parties.EntryOf(parties.NewChip("d-2"), 1);

        var probe = before.Copy();
        PublishEntry.Run(Open(probe), second).OrThrow();
        writes = probe.Writes;
    }

    [Fact]
    [Trait("Req", "K11")]
    public void A_directory_killed_at_any_write_heals_and_audits_clean()
    {
        Assert.Equal(7, writes);
        foreach (var cut in Cuts(writes, Enumerable.Range(0, Digest.Size + 1)))
        {
            var files = Killed(before, cut, log => PublishEntry.Run(log, second));

            AssertWhole(files, cut.ToString());
        }
    }

    [Fact]
    [Trait("Req", "K11")]
    public void A_directory_killed_again_while_it_heals_still_heals()
    {
        foreach (var cut in Cuts(writes, [0, 17, Digest.Size]))
        {
            var files = Killed(before, cut, log => PublishEntry.Run(log, second));
            var probe = files.Copy();
            Open(probe);
            foreach (var again in Cuts(probe.Writes, [0, 17, Digest.Size]))
            {
                AssertWhole(Killed(files, again, _ => { }), $"{cut}, {again}");
            }
        }
    }

    [Fact]
    [Trait("Req", "K11")]
    public void Nobody_gets_a_proof_of_a_leaf_that_is_not_yet_under_a_checkpoint()
    {
        // Cut between the list and the checkpoint: everything is there but the signature.
        var files = Killed(before, (5, 0), log => PublishEntry.Run(log, second));
        var listed = new ListedEntry(1, 1, MerkleTree.LeafHash(second), parties.Issuer.Digest);

        Assert.True(ProveEntry.Run(files, listed).Refused(out _, out var why));
        Assert.Equal(Reason.ProofDue, why.Reason);

        Open(files);
        Assert.False(ProveEntry.Run(files, listed).Refused(out _, out _));
    }

    [Fact]
    public void Leaves_that_no_crash_loses_are_not_healed_but_reported()
    {
        var files = before.Copy();
        files.Tamper("leaves", leaves => leaves[..^1]);
        Assert.Throws<InvalidDataException>(() => Open(files));

        files = before.Copy();
        files.Tamper("leaves", leaves => [(byte)(leaves[0] ^ 1), .. leaves[1..]]);
        Assert.Throws<InvalidDataException>(() => Open(files));

        files = before.Copy();
        files.Tamper("leaves", leaves => [.. leaves, .. new byte[32]]);
        Assert.Throws<InvalidDataException>(() => Open(files));

        files = before.Copy();
        files.Delete("checkpoint");
        Assert.Throws<InvalidDataException>(() => Open(files));
    }

    private void AssertWhole(MemoryFiles files, string when)
    {
        var log = Open(files);
        Assert.True(AuditDirectory.Run(files, parties.LogKey).Clean, when);
        Assert.InRange(log.Size, 1, 2);

        var listed = PublishEntry.Run(log, second).OrThrow();
        Assert.Equal(1, listed.Leaf);
        Assert.Equal(2, log.Size);
        Assert.True(AuditDirectory.Run(files, parties.LogKey).Clean, when);
        foreach (var each in new[] { first, listed })
        {
            var proof = LogProof.Parse(ProveEntry.Run(files, each).OrThrow()).OrThrow();
            Assert.Equal(2, proof.Check(each.LeafHash, parties.LogKey).OrThrow().Size);
        }

        Assert.Null(files.Read("publishing"));
    }

    private MemoryFiles Killed(MemoryFiles from, (int Write, int Bytes) cut, Action<DirectoryLog> work)
    {
        var files = from.Copy();
        files.CutAfter = cut.Write;
        files.TornBytes = cut.Bytes;
        try
        {
            work(Open(files));
            Assert.Fail($"not cut at {cut}");
        }
        catch (IOException)
        {
            // That is the cut.
        }

        files.CutAfter = -1;
        return files;
    }

    private static IEnumerable<(int Write, int Bytes)> Cuts(int writes, IEnumerable<int> bytesOfEach) =>
        from write in Enumerable.Range(0, writes)
        from bytes in bytesOfEach
        select (write, bytes);

    private DirectoryLog Open(MemoryFiles files) => parties.OpenDirectory(files);
}
