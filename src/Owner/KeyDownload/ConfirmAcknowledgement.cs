using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// Takes a unit's acknowledgement and notes that its download has arrived (docs/spec/keydownload.md §6).
/// Refusals: those of <see cref="Acknowledgement.Parse"/>, BadAcknowledgement.
/// </summary>
public static class ConfirmAcknowledgement
{
    public static Outcome<SamDownload> Run(Sam sam, ReadOnlySpan<byte> acknowledgement)
    {
        if (Acknowledgement.Parse(acknowledgement).Refused(out var answer, out var malformed))
        {
            return malformed;
        }

        if (sam.State.RequestOf(answer.Data) is not { } request)
        {
            return new Refusal(Reason.BadAcknowledgement, $"{answer.Data} was never exported");
        }

        var download = sam.State.Downloads[request];
        if (sam.Keys.Check(answer, download.Request, answer.Data).Refused(out _, out var why))
        {
            return why;
        }

        if (!download.Acknowledged)
        {
            sam.Commit(new DownloadAcknowledged(request));
        }

        return sam.State.Downloads[request];
    }
}
