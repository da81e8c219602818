using Keywright.Protocol;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// The archive of bootloaders. Files are kept by their digest and checked against it whenever they are read.
/// </summary>
public interface IBootloaderArchive
{
    /// <summary>
    /// Adds an entry with its files; false when that product, device type and sequence stands there already.
    /// </summary>
    bool Add(BootloaderEntry entry, ReadOnlySpan<byte> image, ReadOnlySpan<byte> plan);

    /// <summary>The entry of the highest sequence.</summary>
    BootloaderEntry? Newest(string product, string deviceType);

    /// <summary>An entry by its ID.</summary>
    BootloaderEntry? Find(RecordId entry);

    /// <summary>A file by its digest.</summary>
    /// <exception cref="InvalidDataException">It is not there, or was damaged.</exception>
    byte[] Read(Digest file);
}

/// <summary>A bootloader in the archive.</summary>
public sealed record BootloaderEntry
{
    public required RecordId Id { get; init; }

    public required string Product { get; init; }

    public required string DeviceType { get; init; }

    /// <summary>Its version, for people.</summary>
    public required string Version { get; init; }

    /// <summary>Orders the versions: the highest is the newest.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>How its file is written.</summary>
    public required ImageEncoding Encoding { get; init; }

    /// <summary>H of the image file.</summary>
    public required Digest Image { get; init; }

    /// <summary>H of the zone plan (docs/spec/images.md §5.2).</summary>
    public required Digest Plan { get; init; }

    public required DateTimeOffset AddedAt { get; init; }
}
