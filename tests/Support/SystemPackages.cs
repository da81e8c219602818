namespace Keywright.TestSupport;

/// <summary>
/// System packages that tests of real parts need, listed in tests/system-packages.txt. Where one is missing
/// the test is skipped and says so; in CI (<c>CI=true</c>) it fails instead.
/// </summary>
internal static class SystemPackages
{
    private static readonly Dictionary<string, string> Listed = Read();

    public static void Require(params string[] packages) =>
        Require(packages, Environment.GetEnvironmentVariable("CI") == "true", IsThere);

    /// <summary>The same with the environment as parameters.</summary>
    public static void Require(string[] packages, bool inCi, Func<string, bool> isThere)
    {
        var missing = packages.Where(package => !isThere(Proof(package))).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var why = $"needs {string.Join(", ", missing)}: ./check --install-deps";
        Assert.False(inCi, why);
        Assert.Skip(why);
    }

    private static string Proof(string package) => Listed.TryGetValue(package, out var proof)
        ? proof
        : throw new InvalidOperationException($"{package} is not listed in tests/system-packages.txt.");

    private static bool IsThere(string proof) =>
        Path.IsPathRooted(proof) ? File.Exists(proof) : ExternalProgram.IsThere(proof);

    private static Dictionary<string, string> Read() => File
        .ReadLines(Repository.PathTo("tests", "system-packages.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(words => words[0], words => words[1]);
}
