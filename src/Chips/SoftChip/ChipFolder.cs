using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Keys;

namespace Keywright.Chips;

/// <summary>A soft chip in a folder, booted and at hand.</summary>
public sealed class ChipFolder : IChip, IDisposable
{
    private readonly SoftChip silicon;
    private readonly BootedDevice device;

    private ChipFolder(SoftChip silicon)
    {
        this.silicon = silicon;
        device = BootedDevice.Boot(silicon);
    }

    /// <summary>H of the only order key that this chip will ever serve, if it was made so.</summary>
    public Digest? LockedTo => silicon.Immutable.LockedToOem;

    public static ChipFolder Open(string folder, IEntropy noise) => new(SoftChip.Open(folder, noise));

    /// <summary>The subfolders that hold a chip, by name.</summary>
    public static IReadOnlyList<string> Below(DirectoryInfo folder) =>
    [
        .. folder.GetDirectories()
            .Where(chip => SoftChip.IsIn(chip.FullName))
            .OrderBy(chip => chip.Name, StringComparer.Ordinal)
            .Select(chip => Path.Combine(folder.ToString(), chip.Name)),
    ];

    public Refusal? Execute(string command, IChipHost host) => device.Execute(command, host);

    /// <summary>What the chip says of itself.</summary>
    public Outcome<ChipFacts> Identify()
    {
        var host = new MemoryHost();
        return Execute("identify", host) is { } why ? why : ChipFacts.Parse(host.Emitted("facts"));
    }

    public void Dispose()
    {
        device.Dispose();
        silicon.Dispose();
    }
}
