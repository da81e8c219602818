using System.Text;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// Text under signatures: c2sp.org/signed-note. The text ends with a newline; then an empty line; then a line
/// "— NAME BASE64(key ID ‖ signature)" for each signature. Signatures of keys that the reader does not know
/// are passed over, so that witnesses can add theirs (docs/spec/log.md §3).
/// </summary>
public static class SignedNote
{
    /// <summary>The largest note that is read: room for 16 post-quantum signatures of witnesses.</summary>
    public const int MaxSize = 128 * 1024;

    /// <summary>The most signatures on a note that is read.</summary>
    public const int MaxSignatures = 16;

    private const string SignatureMark = "— ";
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Signs a text, which ends with a newline and has no control characters besides.</summary>
    public static byte[] Sign(string text, LogKey key, SigningKey signer)
    {
        if (!text.EndsWith('\n') || HasControls(text))
        {
            throw new ArgumentException("A text ends with a newline, its only control.", nameof(text));
        }

        if (!signer.Public.Equals(key.Key))
        {
            throw new ArgumentException($"Not the private half of the key of {key.Name}.", nameof(signer));
        }

        var signature = DerSignature.Write(signer.Sign(StrictUtf8.GetBytes(text)));
        byte[] signed = [.. key.IdBytes, .. signature];
        return StrictUtf8.GetBytes($"{text}\n{SignatureMark}{key.Name} {Convert.ToBase64String(signed)}\n");
    }

    /// <summary>
    /// The text, once the signature of <paramref name="key"/> is verified. Refusals, in this order:
    /// <see cref="Reason.TooLarge"/>; <see cref="Reason.Malformed"/> (also in lines of unknown keys);
    /// <see cref="Reason.BadSignature"/> when the key's own does not verify; <see cref="Reason.UnknownKey"/>
    /// without one.
    /// </summary>
    public static Outcome<string> Open(ReadOnlySpan<byte> note, LogKey key)
    {
        if (Split(note).Refused(out var parts, out var why))
        {
            return why;
        }

        var mine = new List<byte[]>();
        foreach (var line in parts.Signatures)
        {
            if (!TryParseSignature(line, out var name, out var signed))
            {
                return new Refusal(Reason.Malformed, "A signature line is dash, space, name, space, base64.");
            }

            if (name == key.Name && signed.AsSpan(0, LogKey.IdSize).SequenceEqual(key.IdBytes))
            {
                mine.Add(signed[LogKey.IdSize..]);
            }
        }

        if (mine.Count == 0)
        {
            return new Refusal(Reason.UnknownKey, $"No signature of {key.Name} with key {key.IdHex}.");
        }

        var text = StrictUtf8.GetBytes(parts.Text);
        return mine.TrueForAll(signature => key.Verify(text, signature))
            ? parts.Text
            : new Refusal(Reason.BadSignature, $"The signature of {key.Name} does not verify.");
    }

    private static Outcome<Parts> Split(ReadOnlySpan<byte> note)
    {
        if (note.Length > MaxSize)
        {
            return new Refusal(Reason.TooLarge, $"A note of {note.Length} bytes.");
        }

        string all;
        try
        {
            all = StrictUtf8.GetString(note);
        }
        catch (DecoderFallbackException)
        {
            return new Refusal(Reason.Malformed, "A note is UTF-8.");
        }

        var end = all.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (HasControls(all) || end < 0 || end + 2 == all.Length || !all.EndsWith('\n'))
        {
            return new Refusal(Reason.Malformed, "A note is text, an empty line and signature lines.");
        }

        var signatures = all[(end + 2)..^1].Split('\n');
        return signatures.Length <= MaxSignatures
            ? new Parts(all[..(end + 1)], signatures)
            : new Refusal(Reason.TooLarge, $"A note with {signatures.Length} signatures.");
    }

    private static bool TryParseSignature(string line, out string name, out byte[] signed)
    {
        signed = [];
        var words = line.StartsWith(SignatureMark, StringComparison.Ordinal)
            ? line[SignatureMark.Length..].Split(' ')
            : [];
        name = words.Length == 2 ? words[0] : "";
        return LogKey.IsName(name) && StrictBase64.TryDecode(words[1], out signed) &&
            signed.Length > LogKey.IdSize;
    }

    private static bool HasControls(string text) => text.Any(c => c < ' ' && c != '\n');

    private sealed record Parts(string Text, string[] Signatures);
}
