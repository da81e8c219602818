using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.KeyDownload;

/// <summary>A soft chip in a folder, booted and at hand.</summary>
internal sealed class ChipFolder : IChip, IDisposable
{
    private const string DieName = "silicon";

    private readonly SoftChip silicon;
    private readonly BootedDevice device;

    private ChipFolder(SoftChip silicon)
    {
        this.silicon = silicon;
        device = BootedDevice.Boot(silicon);
    }

    public static ChipFolder Open(string folder, IEntropy noise) => new(SoftChip.Open(folder, noise));

    /// <summary>The units among the subfolders, by name.</summary>
    public static IReadOnlyList<SetFolder> AllIn(DirectoryInfo set, IEntropy noise) =>
    [
        .. set.GetDirectories()
            .Where(folder => File.Exists(Path.Combine(folder.FullName, DieName)))
            .OrderBy(folder => folder.Name, StringComparer.Ordinal)
            .Select(folder => new SetFolder(folder.FullName, SerialIn(folder.FullName, noise))),
    ];

    public Refusal? Execute(string command, IChipHost host) => device.Execute(command, host);

    public void Dispose()
    {
        device.Dispose();
        silicon.Dispose();
    }

    private static SerialNumber SerialIn(string folder, IEntropy noise)
    {
        using var chip = SoftChip.Open(folder, noise);
        return new SerialNumber(chip.Immutable.ChipId.ToArray());
    }
}

/// <summary>A unit of a set, and the folder of its chip.</summary>
internal sealed record SetFolder(string Folder, SerialNumber Serial);
