using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;

namespace Keywright.Site.Firmware;

/// <summary>
/// Puts a bootloader with reserved zones into the archive (docs/spec/programming.md §6.3). From then on it is
/// the one for new devices of its type.
/// </summary>
public sealed class AddBootloader(IBootloaderArchive archive, IEntropy entropy, TimeProvider time)
{
    /// <summary>
    /// Adds a version. The same one again gets the same entry. Refusals: Malformed, those of image and zone
    /// plan (docs/spec/images.md), TooLarge above 4 MiB, OlderVersion for a sequence that is not above the
    /// newest.
    /// </summary>
    public Outcome<BootloaderEntry> Add(BootloaderVersion version, byte[] image, byte[] plan)
    {
        if (Judge(version, image, plan) is { } fault)
        {
            return fault;
        }

        var now = time.GetUtcNow();
        var entry = new BootloaderEntry
        {
            Id = RecordId.New(now, entropy),
            Product = version.Product,
            DeviceType = version.DeviceType,
            Version = version.Version,
            Sequence = version.Sequence,
            Encoding = version.Encoding,
            Image = Digest.Of(image),
            Plan = Digest.Of(plan),
            AddedAt = now,
        };
        var newest = archive.Newest(version.Product, version.DeviceType);
        if (newest is not null && newest with { Id = entry.Id, AddedAt = now } == entry)
        {
            return newest;
        }

        return newest?.Sequence >= version.Sequence || !archive.Add(entry, image, plan)
            ? new Refusal(
                Reason.OlderVersion,
                $"{version.DeviceType} has a bootloader of sequence {newest?.Sequence}: give it a higher one")
            : entry;
    }

    private static Refusal? Judge(BootloaderVersion version, byte[] image, byte[] plan)
    {
        var fault = ShortText.Judge("product", version.Product)
            ?? ShortText.Judge("device type", version.DeviceType)
            ?? ShortText.Judge("version", version.Version);
        if (fault is not null || image.Length > SealedFile.MaxImageBytes || version.Sequence > long.MaxValue)
        {
            return fault ?? new Refusal(Reason.TooLarge, $"a bootloader of {image.Length} bytes");
        }

        if (version.Encoding.Format.Read(image).Refused(out var content, out var badImage))
        {
            return badImage;
        }

        return ZonePlanFile.Read(plan).Refused(out var zones, out var badPlan)
            ? badPlan
            : PatchZones.JudgeFit(content, zones);
    }
}

/// <summary>What a bootloader is, and how its file is written.</summary>
/// <param name="Product">The product it is for.</param>
/// <param name="DeviceType">The type of device that it makes of a chip.</param>
/// <param name="Version">Its version, for people.</param>
/// <param name="Sequence">Orders the versions, up to 2⁶³ − 1.</param>
/// <param name="Encoding">How its file is written.</param>
public sealed record BootloaderVersion(
    string Product, string DeviceType, string Version, ulong Sequence, ImageEncoding Encoding);
