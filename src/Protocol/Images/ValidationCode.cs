namespace Keywright.Protocol.Images;

/// <summary>How a validation code is made (docs/spec/images.md §5.3).</summary>
public enum CodeAlgorithm
{
    /// <summary>CRC-32 of IEEE 802.3, 4 bytes, least significant first.</summary>
    Crc32LittleEndian = 1,

    /// <summary>CRC-32 of IEEE 802.3, 4 bytes, most significant first.</summary>
    Crc32BigEndian = 2,

    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256 = 3,
}

/// <summary>What a validation code covers.</summary>
public enum CodeCoverage
{
    /// <summary>All parameter zones, each whole with its fill, one behind the other in ascending address order.</summary>
    Parameters = 1,

    /// <summary>All bytes of the image in ascending address order, without the zones of codes that cover the image.</summary>
    Image = 2,
}

/// <summary>A zone that a bootloader reserves for a code over the parameters or the whole image (§5.3).</summary>
public sealed record ValidationCode
{
    /// <summary>What reports call it: 1–32 characters of a–z, 0–9 and hyphen, once in a plan.</summary>
    public required string Name { get; init; }

    /// <summary>Where the code begins.</summary>
    public required uint Address { get; init; }

    /// <summary>What every byte of the zone is before the code is written.</summary>
    public required byte Blank { get; init; }

    /// <summary>How it is made.</summary>
    public required CodeAlgorithm Algorithm { get; init; }

    /// <summary>What it covers.</summary>
    public required CodeCoverage Covers { get; init; }

    /// <summary>Length in bytes: 4 or 32.</summary>
    public int Length => Algorithm == CodeAlgorithm.Sha256 ? Digest.Size : sizeof(uint);
}
