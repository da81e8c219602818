using System.Buffers;
using System.Globalization;
using System.Text;
using Keywright.Protocol;

namespace Keywright.PublicDirectory.Backup;

/// <summary>
/// One line of a chip's list: "LEAF NUMBER LEAFHASH ISSUER\n", decimal numbers and hex digests
/// (docs/spec/backup.md §7.1). Issuer is H of the Issuer message whose key signed the entry's certificate.
/// </summary>
public sealed record ListedEntry(long Leaf, ulong Number, Digest LeafHash, Digest Issuer)
{
    /// <summary>The line with its newline.</summary>
    public string Line =>
        string.Create(CultureInfo.InvariantCulture, $"{Leaf} {Number} {LeafHash} {Issuer}\n");

    /// <summary>Reads a whole list; null when it is not one.</summary>
    public static IReadOnlyList<ListedEntry>? ParseList(ReadOnlySpan<byte> list)
    {
        var text = Encoding.ASCII.GetString(list);
        var entries = new List<ListedEntry>();
        foreach (var line in text.Split('\n')[..^1])
        {
            if (Parse(line) is not { } entry)
            {
                return null;
            }

            entries.Add(entry);
        }

        // One text for one list: what does not write back as it was read is none.
        return Write(entries).AsSpan().SequenceEqual(list) ? entries : null;
    }

    /// <summary>The bytes of a list.</summary>
    public static byte[] Write(IEnumerable<ListedEntry> entries) =>
        Encoding.ASCII.GetBytes(string.Concat(entries.Select(entry => entry.Line)));

    private static ListedEntry? Parse(string line)
    {
        var words = line.Split(' ');
        return words.Length == 4
            && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var leaf)
            && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && ParseDigest(words[2]) is { } hash
            && ParseDigest(words[3]) is { } issuer
            ? new ListedEntry(leaf, number, hash, issuer)
            : null;
    }

    private static Digest? ParseDigest(string hex)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        return Convert.FromHexString(hex, bytes, out _, out var written) == OperationStatus.Done
            && written == Digest.Size
            ? new Digest(bytes)
            : null;
    }
}
