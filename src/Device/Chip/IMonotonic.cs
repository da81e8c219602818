namespace Keywright.Device.Chip;

/// <summary>
/// The monotonic memory (docs/spec/chip.md §3): fuses, and counters in bounded-wear storage. An update is
/// atomic (after a power cut it has happened or not) and lasts once <see cref="Apply"/> has returned. A
/// driver computes the new content with <see cref="MonotonicState.After"/>, which holds the rule that nothing
/// goes backward.
/// </summary>
public interface IMonotonic
{
    /// <summary>What the registers hold now.</summary>
    MonotonicState State { get; }

    /// <summary>Raises one register; one that stands there or beyond already stays as it is.</summary>
    void Apply(MonotonicUpdate update);
}
