using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;

namespace Keywright.PublicDirectory.Backup;

/// <summary>What an audit found wrong.</summary>
public enum Finding
{
    /// <summary>The checkpoint is gone, or not signed by the log.</summary>
    BadCheckpoint,

    /// <summary>
    /// Leaves under the checkpoint are missing, or the tree over them is not the one that was signed.
    /// </summary>
    ChangedLeaves,

    /// <summary>An entry that was logged is gone, or nothing leads to it.</summary>
    Removed,

    /// <summary>A file is not what was logged.</summary>
    Damaged,

    /// <summary>An entry stands in another place than it was logged at.</summary>
    Reordered,

    /// <summary>A file that was never logged.</summary>
    Unlogged,
}

/// <summary>One fault, with the file or the leaf that it is about.</summary>
public sealed record AuditFault(Finding Finding, string About)
{
    /// <summary>The finding in words, and what it is about.</summary>
    public override string ToString() => $"{Words}: {About}";

    private string Words => Finding switch
    {
        Finding.BadCheckpoint => "bad checkpoint",
        Finding.ChangedLeaves => "changed leaves",
        _ => Finding.ToString().ToLowerInvariant(),
    };
}

/// <summary>
/// The checkpoint that was audited, and all faults; none when everything is as it was logged.
/// </summary>
public sealed record AuditReport(Checkpoint? Checkpoint, IReadOnlyList<AuditFault> Faults)
{
    public bool Clean => Faults.Count == 0;
}

/// <summary>
/// Recomputes the tree from the files and compares it with the checkpoint and with every entry
/// (docs/spec/backup.md §7.5). It needs the log's key from elsewhere; who audits trusts nothing of what the
/// directory says about itself.
/// </summary>
public static class AuditDirectory
{
    public static AuditReport Run(IDirectoryFiles files, LogKey key)
    {
        if (DirectoryReader.Checkpoint(files, key).Refused(out var checkpoint, out var why))
        {
            return new AuditReport(null, [new AuditFault(Finding.BadCheckpoint, why.ToString())]);
        }

        var leaves = DirectoryReader.Leaves(files);
        var audit = new Audit(files, leaves, checkpoint.Size);
        audit.Tree(checkpoint);
        audit.Tiles();
        audit.Lists();
        audit.Rest();
        return new AuditReport(checkpoint, audit.Faults);
    }

    private sealed class Audit(IDirectoryFiles files, Digest[] leaves, long signed)
    {
        private readonly HashSet<long> accounted = [];
        private readonly HashSet<string> listedFiles = [];

        // What is being published right now is neither logged nor wrong.
        private readonly string publishing =
            Encoding.ASCII.GetString(files.Read(DirectoryLayout.Publishing) ?? []);

        public List<AuditFault> Faults { get; } = [];

        public void Tree(Checkpoint checkpoint)
        {
            if (leaves.Length < signed)
            {
                Fault(Finding.ChangedLeaves, $"{leaves.Length} leaves are left of {signed}");
            }
            else if (MerkleTree.RootOf(leaves.AsSpan(0, (int)signed)) != checkpoint.Root)
            {
                Fault(Finding.ChangedLeaves, $"the tree of {signed} leaves is not the one that was signed");
            }
        }

        public void Tiles() => Faults.AddRange(DirectoryTiles.Audit(files, leaves, Math.Min(signed, leaves.Length)));

        public void Lists()
        {
            foreach (var path in files.List(DirectoryLayout.Chips).Where(DirectoryLayout.IsList))
            {
                listedFiles.Add(path);
                if (ListedEntry.ParseList(files.Read(path)) is not { } list)
                {
                    Fault(Finding.Damaged, path);
                    continue;
                }

                var last = -1L;
                foreach (var listed in list.Where(IsLogged))
                {
                    Entry(path[..path.LastIndexOf('/')], listed, inOrder: listed.Leaf > last);
                    last = listed.Leaf;
                }
            }
        }

        /// <summary>Leaves that no list has accounted for, and files that no list names.</summary>
        public void Rest()
        {
            for (var leaf = 0L; leaf < Math.Min(signed, leaves.Length); leaf++)
            {
                if (!accounted.Contains(leaf))
                {
                    Fault(Finding.Removed, $"leaf {leaf}, {leaves[leaf]}");
                }
            }

            foreach (var path in files.List(DirectoryLayout.Chips))
            {
                var name = $" {Path.GetFileNameWithoutExtension(path)} ";
                if (!listedFiles.Contains(path) && !publishing.Contains(name, StringComparison.Ordinal))
                {
                    Fault(Finding.Unlogged, path);
                }
            }
        }

        private bool IsLogged(ListedEntry listed) =>
            listed.Leaf < signed || !publishing.EndsWith(listed.Line, StringComparison.Ordinal);

        private void Entry(string folder, ListedEntry listed, bool inOrder)
        {
            var path = $"{folder}/{listed.LeafHash}{DirectoryLayout.EntrySuffix}";
            listedFiles.Add(path);
            if (files.Read(path) is not { } entry)
            {
                Fault(Finding.Removed, path);
            }
            else if (MerkleTree.LeafHash(entry) != listed.LeafHash
                || Message.Parse<Entry>(entry).Refused(out var message, out _))
            {
                Fault(Finding.Damaged, path);
            }
            else
            {
                Content(path, listed, message.Claimed);
            }

            var stands = listed.Leaf < leaves.Length && leaves[listed.Leaf] == listed.LeafHash;
            if (stands)
            {
                accounted.Add(listed.Leaf);
            }

            if (!stands || !inOrder)
            {
                var logged = Array.IndexOf(leaves, listed.LeafHash);
                accounted.Add(logged);
                Fault(logged < 0 ? Finding.ChangedLeaves : Finding.Reordered, path);
            }
        }

        /// <summary>What a list says about an entry is not in the log; the entry itself says it.</summary>
        private void Content(string path, ListedEntry listed, Entry entry)
        {
            if (listed.Number != entry.Backup.Number
                || path != DirectoryLayout.Entry(entry.Certificate.Claimed.Chip, listed.LeafHash))
            {
                Fault(Finding.Damaged, $"{path[..path.LastIndexOf('/')]}: the list about {listed.LeafHash}");
            }

            var issuer = DirectoryLayout.Issuer(listed.Issuer);
            var orderKey = files.Read(DirectoryLayout.OrderKey(listed.Issuer)) ?? [];
            if (files.Read(issuer) is not { } bytes || Digest.Of(bytes) != listed.Issuer
                || CertificateChain.Judge(Digest.Of(orderKey), orderKey, bytes).Refused(out var chain, out _)
                || chain.Verify(entry.Certificate).Refused(out _, out _))
            {
                Fault(Finding.Damaged, $"{issuer}, or the order key beside it, for {listed.LeafHash}");
            }
        }

        private void Fault(Finding finding, string about) => Faults.Add(new AuditFault(finding, about));
    }
}
