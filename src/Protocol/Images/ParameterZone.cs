namespace Keywright.Protocol.Images;

/// <summary>What a zone of a bootloader takes.</summary>
public enum ZoneContent
{
    /// <summary>A device ID: visible ASCII, one byte a character.</summary>
    Identity = 1,

    /// <summary>A device key: its bytes as they are.</summary>
    Key = 2,
}

/// <summary>
/// A zone that a bootloader reserves for one parameter of its device (docs/spec/images.md §5): the bytes from
/// <see cref="Address"/> to <see cref="Address"/> + <see cref="MaxBytes"/>.
/// </summary>
public sealed record ParameterZone
{
    /// <summary>What reports call it: 1–32 characters of a–z, 0–9 and hyphen, once in a plan.</summary>
    public required string Name { get; init; }

    /// <summary>Where the zone begins.</summary>
    public required uint Address { get; init; }

    /// <summary>The shortest value taken, in bytes: at least 1.</summary>
    public required int MinBytes { get; init; }

    /// <summary>The longest value taken, in bytes, and the size of the zone: at most 65536.</summary>
    public required int MaxBytes { get; init; }

    /// <summary>What every byte of the zone is before it is filled.</summary>
    public required byte Blank { get; init; }

    /// <summary>What stands behind a value shorter than the zone.</summary>
    public required byte Fill { get; init; }

    /// <summary>What goes there.</summary>
    public required ZoneContent Holds { get; init; }

    /// <summary>Which one of the device's: 1 is its first ID or key; at most 16.</summary>
    public required int Number { get; init; }
}
