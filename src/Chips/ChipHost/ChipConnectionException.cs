namespace Keywright.Chips;

/// <summary>
/// The connection between a chip host and its client is broken, or the other side has broken the rules of its
/// frames (docs/spec/chip.md §12). Not a fault of the chip.
/// </summary>
public sealed class ChipConnectionException(string how, Exception? cause = null)
    : IOException($"The connection to the chip is broken: {how}.", cause);
