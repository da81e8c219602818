using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// Answers EXPORT KEY (docs/spec/keydownload.md §4) with the IMPORT KEY that carries DATA to the unit; the
/// slot in it is that of the SAM's record. The same bytes again get the same answer and are not counted
/// again. Refusals: those of <see cref="ExportKey.Parse"/> and of <see cref="SamRecord.Judge"/>.
/// </summary>
public static class ExportKeyToUnit
{
    public static Outcome<ImportKey> Run(Sam sam, ReadOnlySpan<byte> exportKey)
    {
        if (ExportKey.Parse(exportKey).Refused(out var request, out var malformed))
        {
            return malformed;
        }

        if (sam.State.Downloads.TryGetValue(Digest.Of(exportKey), out var answered))
        {
            return answered.Answer;
        }

        if (sam.State.Record.Judge(request).Refused(out var key, out var why))
        {
            return why;
        }

        // Sealed before the commit, since count and answer go into it together; nothing leaves before it.
        var answer = new ImportKey(sam.Keys.Seal(request, key, sam.State.Kept[key.Ref1]), key.Ref2);
        sam.Commit(new KeyExported(exportKey.ToArray(), answer.Encode()));
        return answer;
    }
}
