using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>How far the present version of a key has come to a unit.</summary>
public enum DownloadStage
{
    /// <summary>Never exported to this unit.</summary>
    Missing,

    /// <summary>Exported; whether it arrived is not known.</summary>
    Exported,

    /// <summary>The unit has proved that it stored it.</summary>
    Acknowledged,
}

/// <summary>One unit in a report.</summary>
public readonly record struct UnitReport(SerialNumber Serial, DownloadStage Stage);

/// <summary>Where one application key is: for every unit on the list, by serial number.</summary>
public sealed record DownloadReport(ApplicationKeyRecord Key, IReadOnlyList<UnitReport> Units)
{
    /// <summary>How many units stand at this stage.</summary>
    public int Count(DownloadStage stage) => Units.Count(unit => unit.Stage == stage);
}

/// <summary>Reports on an application key. Refusals: UnknownApplicationKey.</summary>
public static class ReportDownloads
{
    public static Outcome<DownloadReport> Run(Sam sam, uint ref1)
    {
        var state = sam.State;
        if (!state.Record.ApplicationKeys.TryGetValue(ref1, out var key))
        {
            return new Refusal(Reason.UnknownApplicationKey, $"no application key {ref1}");
        }

        var units = InOrder(state).Select(unit => new UnitReport(unit, StageOf(state.LastOf(unit, ref1))));
        return new DownloadReport(key, [.. units]);
    }

    private static IEnumerable<SerialNumber> InOrder(SamState state) =>
        state.Record.Units.OrderBy(unit => unit.ToString(), StringComparer.Ordinal);

    private static DownloadStage StageOf(SamDownload? download) => download switch
    {
        null => DownloadStage.Missing,
        { Acknowledged: true } => DownloadStage.Acknowledged,
        _ => DownloadStage.Exported,
    };
}
