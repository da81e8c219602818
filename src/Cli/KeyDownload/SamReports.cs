using System.Text.Json.Nodes;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Cli.KeyDownload;

/// <summary>A SAM's records as reports.</summary>
internal static class SamReports
{
    public static JsonObject Overview(Sam sam) => new()
    {
        ["units"] = sam.State.Record.Units.Count,
        ["authorised"] = sam.State.Record.Authorised,
        ["operator"] = sam.State.Authorisation?.Operator,
        ["since"] = sam.State.Authorisation is { } act ? $"{act.At:yyyy-MM-ddTHH:mm:ssZ}" : null,
        ["keys"] = new JsonArray(
            [.. sam.State.Record.ApplicationKeys.Values.OrderBy(key => key.Ref1).Select(Key)]),
    };

    public static JsonObject Key(ApplicationKeyRecord key) => new()
    {
        ["ref1"] = key.Ref1,
        ["version"] = key.Version,
        ["usage"] = key.Usage,
        ["mode"] = key.Mode.ToString(),
        ["ref2"] = key.Ref2,
        ["exported"] = key.Exported,
        ["ceiling"] = key.Ceiling,
    };

    public static JsonObject Downloads(DownloadReport report)
    {
        var shown = Key(report.Key);
        shown["acknowledged"] = report.Count(DownloadStage.Acknowledged);
        shown["not acknowledged"] = report.Count(DownloadStage.Exported);
        shown["missing"] = report.Count(DownloadStage.Missing);
        shown["by unit"] = new JsonArray([.. report.Units.Select(unit => new JsonObject
        {
            ["unit"] = unit.Serial.ToString(),
            ["stage"] = unit.Stage.ToString().ToLowerInvariant(),
        })]);
        return shown;
    }

    public static JsonObject Download(SamDownload download) => new()
    {
        ["unit"] = download.Request.Serial.ToString(),
        ["ref1"] = download.Request.Ref1,
        ["ref2"] = download.Answer.Ref2,
        ["version"] = download.Version,
        ["acknowledged"] = download.Acknowledged,
    };

    /// <summary>Done when every unit has acknowledged; else the exit says that some have not.</summary>
    public static int ExitOf(JsonNode set) =>
        (int)set["acknowledged"]! == (int)set["units"]! ? Host.Done : Host.Refused;

    public static JsonObject Set(IReadOnlyList<UnitResult> results) => new()
    {
        ["units"] = results.Count,
        ["acknowledged"] = results.Count(result => result.Acknowledged),
        ["refused"] = results.Count(result => result.Refusal is not null),
        ["not reached"] = results.Count(result => result.Unreached is not null),
        ["by unit"] = new JsonArray([.. results.Select(result => new JsonObject
        {
            ["unit"] = result.Serial.ToString(),
            ["result"] = result.Acknowledged ? "acknowledged" : result.Refusal?.Name ?? "not reached",
            ["what"] = result.Refusal?.Detail ?? result.Unreached ?? "",
        })]),
    };
}
