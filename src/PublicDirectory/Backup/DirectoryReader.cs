using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;

namespace Keywright.PublicDirectory.Backup;

/// <summary>Reads the files of a directory or of a mirror.</summary>
internal static class DirectoryReader
{
    /// <summary>All leaf hashes; a torn one at the end does not count.</summary>
    public static Digest[] Leaves(IDirectoryFiles files)
    {
        var bytes = files.Read(DirectoryLayout.Leaves) ?? [];
        var leaves = new Digest[bytes.Length / Digest.Size];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = new Digest(bytes.AsSpan(i * Digest.Size, Digest.Size));
        }

        return leaves;
    }

    /// <summary>What is listed of a chip. InvalidDataException when its list is damaged.</summary>
    public static IReadOnlyList<ListedEntry> List(IDirectoryFiles files, ChipId chip)
    {
        var path = DirectoryLayout.List(chip);
        return files.Read(path) is not { } list
            ? []
            : ListedEntry.ParseList(list) ?? throw new InvalidDataException($"{path} is damaged");
    }

    /// <summary>
    /// The signed checkpoint. Refusals: UnknownEntry when there is none, those of <see
    /// cref="Checkpoint.Open"/>.
    /// </summary>
    public static Outcome<Checkpoint> Checkpoint(IDirectoryFiles files, LogKey key) =>
        files.Read(DirectoryLayout.Checkpoint) is { } note
            ? Protocol.Backup.Log.Checkpoint.Open(note, key)
            : new Refusal(Reason.UnknownEntry, "no checkpoint here");

    /// <summary>
    /// The log's key as the directory itself states it: to be compared with one from elsewhere.
    /// </summary>
    public static Outcome<LogKey> StatedKey(IDirectoryFiles files) =>
        LogKey.Parse(Encoding.ASCII.GetString(files.Read(DirectoryLayout.LogKey) ?? []).TrimEnd('\n'));

    /// <summary>All issuers with their order keys. InvalidDataException when one is damaged.</summary>
    public static IEnumerable<CertificateChain> Issuers(IDirectoryFiles files)
    {
        foreach (var path in files.List(DirectoryLayout.Issuers))
        {
            if (!path.EndsWith(DirectoryLayout.IssuerSuffix, StringComparison.Ordinal))
            {
                continue;
            }

            var stem = path[..^DirectoryLayout.IssuerSuffix.Length];
            var orderKey = files.Read(stem + DirectoryLayout.OrderKeySuffix) ?? [];
            var judged = CertificateChain.Judge(Digest.Of(orderKey), orderKey, files.Read(path));
            if (judged.Refused(out var chain, out var why))
            {
                throw new InvalidDataException($"{path} is damaged: {why}");
            }

            yield return chain;
        }
    }
}
