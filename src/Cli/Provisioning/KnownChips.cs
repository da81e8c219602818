namespace Keywright.Cli.Provisioning;

/// <summary>The chip descriptions that travel inside the program (examples/chips), and users' own.</summary>
internal static class KnownChips
{
    private const string Folder = "chips/";
    private const string Suffix = ".json";

    /// <summary>The names of those inside, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(KnownChips).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether this names one of them, or a file.</summary>
    public static bool IsNamed(string chip) => IsFile(chip) || Names.Contains(chip);

    /// <summary>The description's file. Throws <see cref="IOException"/> when there is none.</summary>
    public static byte[] Read(string chip)
    {
        if (IsFile(chip))
        {
            return File.ReadAllBytes(chip);
        }

        using var stream = typeof(KnownChips).Assembly.GetManifestResourceStream(Folder + chip + Suffix)!;
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return file;
    }

    private static bool IsFile(string chip) => chip.EndsWith(Suffix, StringComparison.Ordinal);
}
