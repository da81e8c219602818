using System.Globalization;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// The head of a log: c2sp.org/tlog-checkpoint without extension lines, which would be signed but never
/// audited. Text: origin, size in decimal, root in base64, each with a newline (docs/spec/log.md §2).
/// </summary>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    /// <summary>The text that is signed.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.ToArray())}\n");

    /// <summary>Signs this head as a note of the log named by its origin.</summary>
    public byte[] Sign(LogKey key, SigningKey signer)
    {
        if (key.Name != Origin)
        {
            throw new ArgumentException($"The key of {key.Name} does not sign for {Origin}.", nameof(key));
        }

        return SignedNote.Sign(Text, key, signer);
    }

    /// <summary>
    /// Verifies a signed checkpoint, then reads it. Refusals: those of <see cref="SignedNote.Open"/>,
    /// <see cref="Reason.Malformed"/>, and <see cref="Reason.BadProof"/> when it is of another log.
    /// </summary>
    public static Outcome<Checkpoint> Open(ReadOnlySpan<byte> note, LogKey key)
    {
        if (SignedNote.Open(note, key).Refused(out var text, out var why) ||
            Parse(text).Refused(out var checkpoint, out why))
        {
            return why;
        }

        return checkpoint.Origin == key.Name
            ? checkpoint
            : new Refusal(Reason.BadProof, $"A checkpoint of {checkpoint.Origin}, signed by {key.Name}.");
    }

    private static Outcome<Checkpoint> Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length != 4 || lines[0].Length == 0)
        {
            return new Refusal(Reason.Malformed, "A checkpoint has three lines: origin, size and root.");
        }

        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ||
            size.ToString(CultureInfo.InvariantCulture) != lines[1])
        {
            return new Refusal(Reason.Malformed, "The size is a decimal number without leading zeros.");
        }

        return StrictBase64.TryDecode(lines[2], out var root) && root.Length == Digest.Size
            ? new Checkpoint(lines[0], size, new Digest(root))
            : new Refusal(Reason.Malformed, "The root of a checkpoint is 32 bytes in base64.");
    }
}
