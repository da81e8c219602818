namespace Keywright.Protocol.Provisioning;

/// <summary>Who gets at the clear value that lies at a place.</summary>
public enum ChipReader
{
    /// <summary>A cryptographic unit uses it, and no program reads it.</summary>
    Unit,

    /// <summary>Programs of the privileged world, or of a boot stage before it locks the place.</summary>
    SecureProgram,

    /// <summary>Every program on the chip.</summary>
    Program,

    /// <summary>Everybody who has the chip.</summary>
    Anyone,
}

/// <summary>When a lock is set.</summary>
public enum LockMoment
{
    /// <summary>Once, by the chip maker, with the shares.</summary>
    Fabrication,

    /// <summary>Once, when the chip was provisioned.</summary>
    Provisioning,

    /// <summary>At every start, until the next reset.</summary>
    Boot,
}

/// <summary>What opens a debug port again that was closed.</summary>
public enum DebugReopening
{
    Never,

    /// <summary>Erasing everything that the chip keeps.</summary>
    Erasure,

    /// <summary>Whoever knows a key.</summary>
    Key,
}

/// <summary>Which driver of Keywright works a chip.</summary>
public enum ChipDriver
{
    /// <summary>There is none: the description is for one that is to be written.</summary>
    None,

    /// <summary>The soft chip.</summary>
    Soft,
}

/// <summary>
/// Where a thing of docs/spec/chip.md lies on a part. Sealed under: it lies there encrypted under this, and
/// who reads it opens it first.
/// </summary>
public sealed record ChipPlace(string Memory, string At, int SizeBytes, ChipReader ReadBy, string? SealedUnder);

/// <summary>A part's flash: pages that are erased, words that are programmed, once between two erasures.</summary>
public sealed record ChipFlash(int SizeBytes, int PageBytes, int WordBytes, IReadOnlyList<int> EraseUnits);

/// <summary>A lock: its name on the part, what it holds from then on, and when it is set.</summary>
public sealed record ChipLock(string Name, string Holds, LockMoment When);

/// <summary>A debug port, what closes it, and what opens it again.</summary>
public sealed record ChipDebug(string Port, string ClosedBy, DebugReopening ReopenedBy);

/// <summary>
/// Where each thing of docs/spec/chip.md would live on a part that is bought as it is
/// (docs/spec/chip-description.md). A plan for a driver: it makes nothing safe by itself.
/// </summary>
public sealed record ChipDescription
{
    /// <summary>Size in bytes of every secret of the chip maker, and of the chip key.</summary>
    public const int SecretSize = 32;

    /// <summary>By which it is called: 1–32 characters of a–z, 0–9 and hyphen.</summary>
    public required string Name { get; init; }

    public required string Part { get; init; }

    public required string Vendor { get; init; }

    public required ChipDriver Driver { get; init; }

    public required ChipFlash Flash { get; init; }

    /// <summary>RAM that the device's programs may use.</summary>
    public required int RamBytes { get; init; }

    /// <summary>Which suites of packages its hardware computes; a program computes the others.</summary>
    public required IReadOnlyList<PackageSuite> Suites { get; init; }

    public required ChipPlace ChipId { get; init; }

    /// <summary>The family's N shares.</summary>
    public required IReadOnlyList<ChipPlace> Shares { get; init; }

    public required ChipPlace OemShare { get; init; }

    public required ChipPlace OemMasterShare { get; init; }

    public required ChipPlace ChipKey { get; init; }

    /// <summary>Monotonic memory, with the lifecycle.</summary>
    public required ChipPlace Monotonic { get; init; }

    public required ChipPlace KeyStore { get; init; }

    public required IReadOnlyList<ChipLock> Locks { get; init; }

    public required ChipDebug Debug { get; init; }

    /// <summary>What the facts were taken from, and what could not be verified.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>The secrets' places, each with its path in the file.</summary>
    internal IEnumerable<(string Path, ChipPlace Place)> Secrets =>
    [
        .. Shares.Select((place, i) => ($"shares[{i}]", place)),
        ("oem-share", OemShare),
        ("oem-master-share", OemMasterShare),
        ("chip-key", ChipKey),
    ];
}
