using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Station.Provisioning;

/// <summary>
/// A place on the line where a chip can be reached. Connecting may throw <see cref="IOException"/>.
/// </summary>
public sealed record ChipSocket(string Name, Func<IChip> Connect)
{
    /// <summary>What a reader read from the board in this place, as it was read; null without a reader.</summary>
    public string? Serial { get; init; }
}

/// <summary>How one chip fared.</summary>
public enum ChipFate
{
    /// <summary>Provisioned now; its receipt is in the journal.</summary>
    Provisioned,

    /// <summary>Provisioned before a crash of the station or the line; its receipt was fetched now.</summary>
    Recovered,

    /// <summary>Its receipt was in the journal already.</summary>
    Known,

    /// <summary>A rehearsal found nothing in its way.</summary>
    Ready,

    /// <summary>Refused, by the chip or by the station; the chip is as it was.</summary>
    Refused,

    /// <summary>The line to it broke; its state is open until it is seen again.</summary>
    Lost,

    /// <summary>Scrapped or given back before: it is left alone.</summary>
    Removed,
}

/// <summary>A chip is about to be provisioned; that is in the journal. Tries count from 1.</summary>
public sealed record ChipBegun(ChipSocket Socket, ChipId Chip, int Try);

/// <summary>What to tell about one try of one chip: <paramref name="Why"/> for those without a refusal.</summary>
public sealed record ChipResult(
    ChipSocket Socket, ChipId? Chip, ChipFate Fate, Refusal? Refusal = null, string? Why = null)
{
    /// <summary>Whether the chip is tried again at once.</summary>
    public bool IsRetested { get; init; }
}

/// <summary>How a run goes. Both reports come one at a time, whatever the number of sockets.</summary>
public sealed record LotRun
{
    /// <summary>How many sockets work at the same time.</summary>
    public int Sockets { get; init; } = 1;

    /// <summary>How often a chip that failed or was lost is tried again at once.</summary>
    public int Retests { get; init; }

    /// <summary>Stop after so many chips, without those that had a receipt.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Told before the chip is asked.</summary>
    public Action<ChipBegun> Begun { get; init; } = _ => { };

    /// <summary>Told when a try has ended, and stands in the journal.</summary>
    public Action<ChipResult> Ended { get; init; } = _ => { };
}
