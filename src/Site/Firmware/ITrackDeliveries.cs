using Keywright.Protocol;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>What stands where, for operators and after-sale service (requirement T17).</summary>
public interface ITrackDeliveries
{
    /// <summary>The programs on a device, by its last claim or Done.</summary>
    IReadOnlyList<Installed> SoftwareOn(ChipId chip);

    /// <summary>All numbers of a device's chain, oldest first.</summary>
    IReadOnlyList<DeliveryLine> DeliveriesOf(ChipId chip);

    /// <summary>How many devices have each version of each program.</summary>
    IReadOnlyList<VersionCount> Versions();

    /// <summary>The messages that did not fit a device's history, oldest first.</summary>
    IReadOnlyList<ForkEvidence> ForksOf(ChipId chip);
}

/// <summary>One number of a chain, for people.</summary>
public sealed record DeliveryLine(
    ulong Number, DeliveryState State, Digest? Manifest, DateTimeOffset Answered, DateTimeOffset? Closed);

/// <summary>A version of a program, and on how many devices it stands.</summary>
public sealed record VersionCount(Digest Owner, string Program, ulong Sequence, string Version, long Devices);
