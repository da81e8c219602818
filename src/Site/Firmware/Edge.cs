using Keywright.Protocol;

namespace Keywright.Site.Firmware;

/// <summary>
/// Where every refusal that leaves the site becomes one (docs/spec/delivery.md §6.4): it tells a stranger
/// neither which IDs exist nor what was wrong. The log gets the precise reason; a repeated one at its 1st,
/// 10th, 100th, … time, so that nobody fills it.
/// </summary>
public sealed class Edge(IAlertLog alerts, IStrangerCounts counts, TimeProvider clock)
{
    private static readonly Refusal Outward = new(Reason.UnknownId, "nothing for this message");

    /// <summary>Counts and logs what was found; gives the outward refusal.</summary>
    public Refusal Refuse(Refusal precise, string subject, DeviceRecord? device)
    {
        var count = counts.Count(precise.Reason, subject, clock.GetUtcNow());
        if (IsPowerOfTen(count))
        {
            var detail = count == 1 ? precise.Detail : $"{precise.Detail} ({count} times)";
            Alert(precise with { Detail = detail }, subject, device);
        }

        return Outward;
    }

    /// <summary>Logs at once, every time.</summary>
    public void Alert(Refusal precise, string subject, DeviceRecord? device) =>
        alerts.Raise(new Alert(clock.GetUtcNow(), precise.Reason, Told(precise.Detail, subject, device))
        {
            Chip = device?.Chip,
            Device = device?.Devices[0],
            Station = device?.Station,
            Factory = device?.Factory,
        });

    private static string Told(string detail, string subject, DeviceRecord? device) => device is null
        ? $"{subject}: {detail}"
        : $"{subject}: {detail}; made {device.ProgrammedAt:u} by {device.Station} at {device.Factory}";

    private static bool IsPowerOfTen(long count)
    {
        while (count > 1 && count % 10 == 0)
        {
            count /= 10;
        }

        return count == 1;
    }
}

/// <summary>How often messages were refused at the edge, by reason and subject.</summary>
public interface IStrangerCounts
{
    /// <summary>
    /// Counts one more and gives the count. Subjects beyond a driver's limit are counted together as one, so
    /// that a flood of made-up IDs fills no disk.
    /// </summary>
    long Count(Reason reason, string subject, DateTimeOffset now);
}
