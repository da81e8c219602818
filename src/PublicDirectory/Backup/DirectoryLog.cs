using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Keys;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// The directory as its one writer has it open: issuers, and a log that only grows (docs/spec/backup.md §7).
/// An append is announced in "publishing" and then made in five steps that can each be repeated; opening
/// finishes one that was cut.
/// </summary>
public sealed class DirectoryLog
{
    private readonly SigningKey signer;
    private readonly Frontier tree = new();
    private readonly DirectoryTiles tiles;
    private readonly Dictionary<Digest, CertificateChain> issuers = [];
    private Digest lastLeaf;

    private DirectoryLog(IDirectoryFiles files, LogKey key, SigningKey signer)
    {
        Files = files;
        Key = key;
        this.signer = signer;
        tiles = new DirectoryTiles(files);
    }

    /// <summary>What a chip that trusts this log has in its Issuer.</summary>
    public LogKey Key { get; }

    /// <summary>How many entries there are.</summary>
    public long Size => tree.Size;

    internal IDirectoryFiles Files { get; }

    internal IReadOnlyDictionary<Digest, CertificateChain> Issuers => issuers;

    /// <summary>
    /// Opens a directory, makes one where there is none, and finishes what a crash left half done.
    /// InvalidDataException when files were lost or changed that no crash loses: ask
    /// <see cref="AuditDirectory"/>, restore from a mirror.
    /// </summary>
    public static DirectoryLog Open(IDirectoryFiles files, string name, SigningKey signer)
    {
        var log = new DirectoryLog(files, new LogKey(name, signer.Public), signer);
        log.RequireOwnKey();
        log.LoadIssuers();
        log.LoadLeaves();
        log.Finish();
        return log;
    }

    /// <summary>
    /// Lets certificates of this Issuer in; the operator vouches for H(order key). Refusals: those of
    /// <see cref="CertificateChain.Judge"/>; UnknownKey when the Issuer names another log.
    /// </summary>
    public Outcome<CertificateChain> Admit(
        Digest oem, ReadOnlySpan<byte> orderKey, ReadOnlyMemory<byte> issuer)
    {
        if (CertificateChain.Judge(oem, orderKey, issuer).Refused(out var chain, out var why))
        {
            return why;
        }

        if (chain.Issuer.Content.Log != Key.ToString())
        {
            var other = chain.Issuer.Content.LogKey().Name;
            return new Refusal(Reason.UnknownKey, $"an Issuer for the log {other}");
        }

        Files.Replace(DirectoryLayout.OrderKey(chain.Issuer.Digest), orderKey);
        Files.Replace(DirectoryLayout.Issuer(chain.Issuer.Digest), issuer.Span);
        issuers[chain.Issuer.Digest] = chain;
        return chain;
    }

    /// <summary>
    /// Appends an entry that has been judged; when this returns it is durable and under the checkpoint.
    /// </summary>
    internal ListedEntry Append(ChipId chip, ulong number, Digest issuer, ReadOnlySpan<byte> entry)
    {
        var listed = new ListedEntry(tree.Size, number, MerkleTree.LeafHash(entry), issuer);
        Files.Replace(DirectoryLayout.Publishing, Encoding.ASCII.GetBytes($"{chip} {listed.Line}"));
        Files.Replace(DirectoryLayout.Entry(chip, listed.LeafHash), entry);
        Complete(chip, listed);
        return listed;
    }

    /// <summary>The steps from a durable entry file on; each may have been taken before.</summary>
    private void Complete(ChipId chip, ListedEntry listed)
    {
        if (listed.Leaf == tree.Size)
        {
            Files.WriteEnd(DirectoryLayout.Leaves, listed.Leaf * Digest.Size, listed.LeafHash.ToArray());
            tree.Append(listed.LeafHash);
            tiles.Append(listed.LeafHash);
        }

        var list = DirectoryReader.List(Files, chip);
        if (!list.Contains(listed))
        {
            Files.Replace(DirectoryLayout.List(chip), ListedEntry.Write([.. list, listed]));
        }

        // One signature for one size: who compares checkpoints byte by byte must find no two.
        if (CheckpointOrNone().Size < tree.Size)
        {
            SignCheckpoint();
        }

        Files.Delete(DirectoryLayout.Publishing);
    }

    /// <summary>
    /// Finishes an append that was cut, or forgets it when its entry file was not yet there.
    /// </summary>
    private void Finish()
    {
        if (Files.Read(DirectoryLayout.Publishing) is not { } announced)
        {
            return;
        }

        var name = Math.Min(announced.Length, 2 * ChipId.Size);
        var line = announced.AsSpan(Math.Min(announced.Length, name + 1));
        if (ChipId.Parse(Encoding.ASCII.GetString(announced.AsSpan(0, name))).Refused(out var chip, out _)
            || ListedEntry.ParseList(line) is not [var listed])
        {
            throw new InvalidDataException($"{DirectoryLayout.Publishing} is not what was written there");
        }

        var standing = listed.Leaf < tree.Size;
        var isLast = listed.Leaf == tree.Size - 1 && lastLeaf == listed.LeafHash;
        Require(!standing || isLast, "another leaf was published");
        if (Files.Read(DirectoryLayout.Entry(chip, listed.LeafHash)) is null)
        {
            Require(!standing, $"entry {listed.LeafHash} is gone");
            Files.Delete(DirectoryLayout.Publishing);
            return;
        }

        Complete(chip, listed);
    }

    private void RequireOwnKey()
    {
        var line = Encoding.ASCII.GetBytes($"{Key}\n");
        if (Files.Read(DirectoryLayout.LogKey) is not { } held)
        {
            Files.Replace(DirectoryLayout.LogKey, line);
            return;
        }

        if (!held.AsSpan().SequenceEqual(line))
        {
            throw new InvalidDataException($"this directory's log has another name or key than {Key.Name}");
        }
    }

    private void LoadIssuers()
    {
        foreach (var chain in DirectoryReader.Issuers(Files))
        {
            issuers[chain.Issuer.Digest] = chain;
        }
    }

    /// <summary>
    /// Leaves under the checkpoint must all be there; behind it, at most one that was being appended.
    /// </summary>
    private void LoadLeaves()
    {
        var signed = CheckpointOrNone();
        var leaves = DirectoryReader.Leaves(Files);
        foreach (var leaf in leaves)
        {
            if (tree.Size == signed.Size)
            {
                Require(tree.Root == signed.Root, "the leaves are not those of the checkpoint");
            }

            tree.Append(leaf);
            lastLeaf = leaf;
        }

        Require(tree.Size >= signed.Size, $"{tree.Size} leaves are left of {signed.Size}");
        Require(tree.Size <= signed.Size + 1, "more than one leaf stands behind the checkpoint");
        Require(
            tree.Size != signed.Size || tree.Root == signed.Root,
            "the leaves are not those of the checkpoint");
        Require(
            tree.Size == signed.Size || Files.Read(DirectoryLayout.Publishing) is not null,
            "a leaf stands behind the checkpoint that nobody was publishing");
        tiles.Restore(leaves);
    }

    private Checkpoint CheckpointOrNone()
    {
        if (Files.Read(DirectoryLayout.Checkpoint) is not { } note)
        {
            Require(DirectoryReader.Leaves(Files).Length == 0, "leaves without a checkpoint");
            return SignCheckpoint();
        }

        return Checkpoint.Open(note, Key).Refused(out var checkpoint, out var why)
            ? throw new InvalidDataException($"the checkpoint is not this log's: {why}")
            : checkpoint;
    }

    private Checkpoint SignCheckpoint()
    {
        var checkpoint = new Checkpoint(Key.Name, tree.Size, tree.Root);
        Files.Replace(DirectoryLayout.Checkpoint, checkpoint.Sign(Key, signer));
        return checkpoint;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException($"{otherwise}: audit this directory and restore it from a mirror");
        }
    }
}
