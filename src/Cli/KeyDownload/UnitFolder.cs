using Keywright.Chips;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.KeyDownload;

/// <summary>A unit of a set, and the folder of its chip.</summary>
internal sealed record UnitFolder(string Folder, SerialNumber Serial)
{
    /// <summary>The units among the subfolders, by name.</summary>
    public static IReadOnlyList<UnitFolder> AllIn(DirectoryInfo set, IEntropy noise) =>
        [.. ChipFolder.Below(set).Select(folder => new UnitFolder(folder, SerialIn(folder, noise)))];

    private static SerialNumber SerialIn(string folder, IEntropy noise)
    {
        using var chip = SoftChip.Open(folder, noise);
        return new SerialNumber(chip.Immutable.ChipId.ToArray());
    }
}
