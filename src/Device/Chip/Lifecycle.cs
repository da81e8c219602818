namespace Keywright.Device.Chip;

/// <summary>The stages of a chip's life; they only go forward (docs/spec/chip.md §3).</summary>
public enum Lifecycle
{
    /// <summary>As the chip maker shipped it.</summary>
    Blank = 0,

    /// <summary>It holds the owner's assets and is locked to the owner.</summary>
    Provisioned = 1,

    /// <summary>It has its device identity and keys.</summary>
    Personalised = 2,

    /// <summary>It has left the factory.</summary>
    Fielded = 3,

    /// <summary>Out of use for ever.</summary>
    Retired = 4,
}
