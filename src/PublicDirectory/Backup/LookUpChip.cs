using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// An entry with what a chip needs beside it to recover: the Issuer and the OEM's order key. All of it is
/// public.
/// </summary>
public sealed record FoundEntry(
    ListedEntry Listed,
    ReadOnlyMemory<byte> Entry,
    ReadOnlyMemory<byte> Issuer,
    ReadOnlyMemory<byte> OrderKey);

/// <summary>
/// Finds a chip's entries by its chip ID, newest first, in a directory or a mirror (docs/spec/backup.md
/// §7.3).
/// </summary>
public static class LookUpChip
{
    /// <summary>
    /// Refusals: UnknownEntry when there is none; BadProof when a file is not what was logged, or is gone.
    /// </summary>
    public static Outcome<IReadOnlyList<FoundEntry>> Run(IDirectoryFiles files, ChipId chip)
    {
        if (files.Read(DirectoryLayout.List(chip)) is not { } list)
        {
            return new Refusal(Reason.UnknownEntry, $"nothing here of chip {chip}");
        }

        if (ListedEntry.ParseList(list) is not { Count: > 0 } listed)
        {
            return new Refusal(Reason.BadProof, $"the list of chip {chip} is damaged");
        }

        var found = new List<FoundEntry>();
        foreach (var each in listed.Reverse())
        {
            if (files.Read(DirectoryLayout.Entry(chip, each.LeafHash)) is not { } entry
                || MerkleTree.LeafHash(entry) != each.LeafHash)
            {
                return new Refusal(Reason.BadProof, $"entry {each.LeafHash} is gone or damaged");
            }

            found.Add(new FoundEntry(
                each,
                entry,
                files.Read(DirectoryLayout.Issuer(each.Issuer)) ?? [],
                files.Read(DirectoryLayout.OrderKey(each.Issuer)) ?? []));
        }

        return found;
    }
}
