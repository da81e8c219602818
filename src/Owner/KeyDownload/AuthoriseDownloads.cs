using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// An operator authorises downloads, takes that back, or allows more of them (docs/spec/keydownload.md §8.3).
/// </summary>
public static class AuthoriseDownloads
{
    /// <summary>
    /// From now on, until it is taken back. Refusals: Malformed (a name of 1–64 bytes is needed).
    /// </summary>
    public static Outcome<DownloadsAuthorised> Run(
        Sam sam, string operatorName, DateTimeOffset at, bool granted = true)
    {
        if (Encoding.UTF8.GetByteCount(operatorName) is 0 or > SamEvent.MaxText)
        {
            return new Refusal(Reason.Malformed, $"an operator's name has 1 to {SamEvent.MaxText} bytes");
        }

        var authorised = new DownloadsAuthorised(operatorName, at, granted);
        sam.Commit(authorised);
        return authorised;
    }

    /// <summary>
    /// A higher ceiling for a key. Refusals: UnknownApplicationKey, Malformed (not higher than it is).
    /// </summary>
    public static Outcome<ApplicationKeyRecord> Raise(Sam sam, uint ref1, int ceiling)
    {
        if (!sam.State.Record.ApplicationKeys.TryGetValue(ref1, out var key))
        {
            return new Refusal(Reason.UnknownApplicationKey, $"no application key {ref1}");
        }

        if (ceiling <= key.Ceiling)
        {
            return new Refusal(
                Reason.Malformed, $"the ceiling of key {ref1} is {key.Ceiling}; {ceiling} does not raise it");
        }

        sam.Commit(new CeilingRaised(ref1, ceiling));
        return sam.State.Record.ApplicationKeys[ref1];
    }
}
