using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing.KeyDownload;

/// <summary>The answer to EXPORT KEY (docs/spec/keydownload.md §4).</summary>
public static class DownloadSealer
{
    /// <summary>
    /// DATA: <paramref name="key"/> for the unit that asked, under T1. The request has been judged and the
    /// download counted by the caller. The operation key is erased before this returns.
    /// </summary>
    public static byte[] Seal(
        UnitKey unit, ExportKey request, ApplicationKeyRecord record, ApplicationKey key, IEntropy entropy)
    {
        var download = new Download(request.Random, request.Ref1, record.Ref2, request.Serial);
        using var operation = download.KeyOf(unit);
        return KeyBlockSealer.Seal(operation, record.HeaderFor(download), key, entropy);
    }
}
