using System.Globalization;
using System.Text;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// That an entry was logged, in one text that anyone can check without the log: c2sp.org/tlog-proof without
/// extra data. The place of the entry, the path to the root, and the signed checkpoint as it was received
/// (docs/spec/log.md §4).
/// </summary>
public sealed record LogProof(long Index, IReadOnlyList<Digest> Path, ReadOnlyMemory<byte> SignedCheckpoint)
{
    /// <summary>The largest proof that is read.</summary>
    public const int MaxSize = SignedNote.MaxSize + (8 * 1024);

    private const string FirstLine = "c2sp.org/tlog-proof@v1";
    private const string IndexWord = "index ";

    /// <summary>The bytes that travel.</summary>
    public byte[] Write()
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{FirstLine}\n{IndexWord}{Index}\n");
        foreach (var hash in Path)
        {
            head.Append(CultureInfo.InvariantCulture, $"{Convert.ToBase64String(hash.ToArray())}\n");
        }

        return [.. Encoding.ASCII.GetBytes(head.Append('\n').ToString()), .. SignedCheckpoint.Span];
    }

    /// <summary>
    /// Reads a proof and proves nothing yet. Refusals: <see cref="Reason.TooLarge"/>,
    /// <see cref="Reason.Malformed"/>.
    /// </summary>
    public static Outcome<LogProof> Parse(ReadOnlySpan<byte> proof)
    {
        if (proof.Length > MaxSize)
        {
            return new Refusal(Reason.TooLarge, $"A proof of {proof.Length} bytes.");
        }

        var end = proof.IndexOf("\n\n"u8);
        var lines = end < 0 ? [] : Encoding.Latin1.GetString(proof[..end]).Split('\n');
        if (lines.Length < 2 || lines[0] != FirstLine ||
            !lines[1].StartsWith(IndexWord, StringComparison.Ordinal))
        {
            return new Refusal(Reason.Malformed, "A proof begins with its version and an index.");
        }

        var number = lines[1][IndexWord.Length..];
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ||
            index.ToString(CultureInfo.InvariantCulture) != number)
        {
            return new Refusal(Reason.Malformed, "An index is a decimal number without leading zeros.");
        }

        return ParsePath(lines.AsSpan(2)).Refused(out var path, out var why)
            ? why
            : new LogProof(index, path, proof[(end + 2)..].ToArray());
    }

    /// <summary>
    /// Judges: the checkpoint is signed by the log's key, and its tree has this leaf. Refusals: those of
    /// <see cref="Checkpoint.Open"/>, then <see cref="Reason.BadProof"/>.
    /// </summary>
    public Outcome<Checkpoint> Check(Digest leafHash, LogKey key) =>
        Checkpoint.Open(SignedCheckpoint.Span, key).Refused(out var checkpoint, out var why)
            ? why
            : new InclusionProof(Index, checkpoint.Size, Path).Check(leafHash, checkpoint);

    private static Outcome<Digest[]> ParsePath(ReadOnlySpan<string> lines)
    {
        var path = new Digest[lines.Length];
        for (var i = 0; i < path.Length; i++)
        {
            if (!StrictBase64.TryDecode(lines[i], out var hash) || hash.Length != Digest.Size)
            {
                return new Refusal(Reason.Malformed, "A path is hashes of 32 bytes in base64.");
            }

            path[i] = new Digest(hash);
        }

        return path.Length > MerkleTree.MaxPathLength
            ? new Refusal(Reason.TooLarge, $"A path of {path.Length} hashes.")
            : path;
    }
}
