using Keywright.Protocol;

namespace Keywright.Site.Firmware;

/// <summary>
/// Closes a station for ever (docs/spec/programming.md §2.3). Devices that it made stay what they are.
/// </summary>
public sealed class RevokeStation(IStationRegister stations, TimeProvider time)
{
    /// <summary>Null when it is closed, by this call or an earlier one. Refusals: UnknownStation.</summary>
    public Refusal? Revoke(string name) =>
        stations.Revoke(name, time.GetUtcNow()) || stations.Find(name) is not null
            ? null
            : new Refusal(Reason.UnknownStation, $"no station {name}");
}
