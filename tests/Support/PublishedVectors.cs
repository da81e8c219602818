namespace Keywright.TestSupport;

/// <summary>
/// Test vectors published by others, kept beside the checkout (<c>../shared/vectors</c>) and not in it.
/// Whoever has them runs these tests; elsewhere they are skipped, aloud.
/// </summary>
internal static class PublishedVectors
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "vectors"));

    /// <summary>The full path of a file such as <c>wycheproof/aes_cmac_test.json</c>.</summary>
    public static string Require(string file)
    {
        SkipWithout(file);
        var path = Path.Combine(Root, file);
        Assert.True(File.Exists(path), $"{path} does not exist");
        return path;
    }

    /// <summary>The full paths of all files in a folder such as <c>cose/sign1-tests</c>, in order.</summary>
    public static string[] RequireFolder(string folder)
    {
        SkipWithout(folder);
        var files = Directory.GetFiles(Path.Combine(Root, folder));
        Assert.NotEmpty(files);
        return [.. files.Order(StringComparer.Ordinal)];
    }

    /// <summary>All files that there are, as their path below the folder.</summary>
    public static string[] All()
    {
        SkipWithout("all of them");
        var files = Directory.GetFiles(Root, "*", SearchOption.AllDirectories);
        return
        [
            .. files.Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
        ];
    }

    private static void SkipWithout(string what)
    {
        if (!Directory.Exists(Root))
        {
            Assert.Skip($"published vectors ({what}) are not beside this checkout");
        }
    }
}
