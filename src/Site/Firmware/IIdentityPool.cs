using Keywright.Protocol;

namespace Keywright.Site.Firmware;

/// <summary>
/// Device IDs that wait for a device, product by product. What a device takes is deleted here in the same
/// transaction that writes its record (<see cref="IProgrammingRecords.Commit"/>); no ID is ever issued twice.
/// </summary>
public interface IIdentityPool
{
    /// <summary>
    /// Adds sets of IDs, all or none. Refusals: IdentityTaken when one of them waits here already or belongs
    /// to a device.
    /// </summary>
    Refusal? Add(string product, IReadOnlyList<IdentitySet> sets);

    /// <summary>The set that is next in line; null when there is none left.</summary>
    IdentitySet? Next(string product);

    /// <summary>How many sets wait.</summary>
    int Count(string product);
}

/// <summary>The IDs of one device: one or several, the first is its identity.</summary>
public sealed record IdentitySet(IReadOnlyList<DeviceId> Devices);
