namespace Keywright.TestSupport;

/// <summary>
/// Test vectors published by others, kept beside the checkout (<c>../shared/vectors</c>) and not in it.
/// Whoever has them runs these tests; elsewhere they are skipped, aloud.
/// </summary>
internal static class PublishedVectors
{
    /// <summary>The full path of a file such as <c>wycheproof/aes_cmac_test.json</c>.</summary>
    public static string Require(string file)
    {
        var folder = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "vectors"));
        if (!Directory.Exists(folder))
        {
            Assert.Skip($"published vectors ({file}) are not beside this checkout");
        }

        var path = Path.Combine(folder, file);
        Assert.True(File.Exists(path), $"{path} does not exist");
        return path;
    }
}
