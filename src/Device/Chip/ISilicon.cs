namespace Keywright.Device.Chip;

/// <summary>
/// The one port between the device side and silicon (docs/spec/chip.md §1). A driver implements it: a soft
/// chip, later a microcontroller, a TPM or an external program. The secret chip key C never crosses it; only
/// what is derived from C does.
/// </summary>
public interface ISilicon
{
    /// <summary>What the chip maker wrote once and nothing can change.</summary>
    ImmutableMemory Immutable { get; }

    /// <summary>The flash, which anybody may read, wipe or put back to an older content.</summary>
    IFlash Flash { get; }

    /// <summary>The registers that survive the loss of flash and never go backward.</summary>
    IMonotonic Monotonic { get; }

    /// <summary>KDF(C, name, [chip ID]): as many bytes as <paramref name="destination"/> holds.</summary>
    void Derive(string name, Span<byte> destination);

    /// <summary>Raw noise of the hardware source, before any conditioning.</summary>
    void Noise(Span<byte> destination);
}
