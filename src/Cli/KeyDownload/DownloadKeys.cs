using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Cli.KeyDownload;

/// <summary>
/// The SAM at work: one download in steps that anybody may carry, or a whole set; and what came of it.
/// </summary>
internal static class DownloadKeys
{
    private const int MaxMessageBytes = 4096;

    public static Command Export()
    {
        var request = new Option<FileInfo>("--in")
        {
            Description = "the unit's EXPORT KEY, from 'keywright device challenge'",
            Required = true,
        };
        var answer = new Option<FileInfo>("--out")
        {
            Description = "where to write the IMPORT KEY for the unit",
            Required = true,
        };
        return SamCommand.Create(
            "export",
            "answers a unit's EXPORT KEY; the same request again gets the same answer. "
            + "Example: keywright sam export --in unit.request --out unit.import",
            [request, answer],
            (sam, parsed, _) =>
            {
                if (Read(parsed.GetValue(request)!).Refused(out var bytes, out var why)
                    || ExportKeyToUnit.Run(sam, bytes).Refused(out var import, out why))
                {
                    return why;
                }

                File.WriteAllBytes(parsed.GetValue(answer)!.FullName, import.Encode());
                return SamReports.Download(sam.State.Downloads[Digest.Of(bytes)]);
            });
    }

    public static Command Confirm()
    {
        var acknowledgement = new Option<FileInfo>("--in")
        {
            Description = "the unit's acknowledgement, from 'keywright device import-key'",
            Required = true,
        };
        return SamCommand.Create(
            "confirm",
            "takes a unit's acknowledgement. Example: keywright sam confirm --in unit.ack",
            [acknowledgement],
            (sam, parsed, _) => Read(parsed.GetValue(acknowledgement)!).Refused(out var bytes, out var why)
                || ConfirmAcknowledgement.Run(sam, bytes).Refused(out var download, out why)
                ? why
                : SamReports.Download(download));
    }

    public static Command ToSet()
    {
        var chips = new Option<DirectoryInfo>("--chips")
        {
            Description = "folder whose subfolders hold the units' soft chips",
            Required = true,
        };
        return SamCommand.Create(
            "download-set",
            "brings an application key to a whole set; run again, it goes on where it stopped. "
            + "Example: keywright sam download-set --ref1 1 --chips chips",
            [SamCommand.Ref1, chips],
            (sam, parsed, session) =>
            {
                var units = UnitFolder.AllIn(parsed.GetValue(chips)!, session.Entropy)
                    .Select(unit => new SetUnit(
                        unit.Serial, () => ChipFolder.Open(unit.Folder, session.Entropy)))
                    .ToList();
                var ref1 = parsed.GetValue(SamCommand.Ref1);
                return SamReports.Set(WorkBar.Run(
                    session, "downloads", units.Count, step => DownloadToSet.Run(sam, ref1, units, new Steps(step))));
            },
            SamReports.ExitOf);
    }

    public static Command Report()
    {
        var ref1 = new Option<uint?>("--ref1") { Description = "one key, unit by unit; else all keys" };
        return SamCommand.Create(
            "report",
            "says which unit has which key. Example: keywright sam report --ref1 1 --json",
            [ref1],
            (sam, parsed, _) =>
            {
                if (parsed.GetValue(ref1) is not { } one)
                {
                    return SamReports.Overview(sam);
                }

                return ReportDownloads.Run(sam, one).Refused(out var report, out var why)
                    ? why
                    : SamReports.Downloads(report);
            });
    }

    private static Outcome<byte[]> Read(FileInfo file) => file.Length <= MaxMessageBytes
        ? File.ReadAllBytes(file.FullName)
        : new Refusal(Reason.TooLarge, $"{file.Name} has {file.Length} bytes");

    private sealed class Steps(Action step) : IProgress<UnitResult>
    {
        public void Report(UnitResult value) => step();
    }
}
