using Keywright.Protocol;

namespace Keywright.Site;

/// <summary>
/// Something that an honest device or station would not do, with the precise reason: for the operator, never for the one who
/// caused it.
/// </summary>
/// <param name="At">When it was noticed.</param>
/// <param name="Reason">What was refused.</param>
/// <param name="Detail">For people; carries no secret.</param>
public sealed record Alert(DateTimeOffset At, Reason Reason, string Detail)
{
    public ChipId? Chip { get; init; }

    public DeviceId? Device { get; init; }

    /// <summary>The station that the device came from, or that asked.</summary>
    public string? Station { get; init; }

    /// <summary>Where that station stands.</summary>
    public string? Factory { get; init; }
}

/// <summary>The site's log of alerts.</summary>
public interface IAlertLog
{
    /// <summary>Keeps an alert; it is durable on return.</summary>
    void Raise(Alert alert);

    /// <summary>The newest alerts, newest first.</summary>
    IReadOnlyList<Alert> Newest(int count);
}
