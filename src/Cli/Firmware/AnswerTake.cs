using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary><c>keywright site answer-take</c>: first programming by files that people carry.</summary>
internal static class AnswerTake
{
    public static Command Create()
    {
        var take = SiteCommand.Existing("--take", "a Take, from 'keywright station program --mail'");
        var file = SiteCommand.Required<FileInfo>("--out", "where to write the File for that station");
        return SiteCommand.WithKeys(
            "answer-take",
            "answers a Take that was brought as a file; why one is refused stands in 'keywright site alerts'"
            + "\n\nExample:\n"
            + "  keywright site answer-take --dir site --take mail/turn-0.take --out mail/turn-0.file",
            [take, file],
            (site, keys, parsed, session) =>
            {
                var message = File.ReadAllBytes(parsed.GetRequiredValue(take).FullName);
                if (site.Programming(keys, session).Answer(message).Refused(out var answer, out var why))
                {
                    return ProgramDevice.Outward(why);
                }

                var path = parsed.GetRequiredValue(file).ToString();
                PublicFile.Write(path, answer);
                return Report(Message.Parse<SealedFile>(answer).OrThrow().Claimed, path);
            });
    }

    private static JsonObject Report(SealedFile content, string path) => new()
    {
        ["chip"] = content.Chip.ToString(),
        ["devices"] = new JsonArray(
            [.. content.Devices.Select(device => JsonValue.Create(device.ToString()))]),
        ["serial"] = content.Serial,
        ["file"] = path,
    };
}
