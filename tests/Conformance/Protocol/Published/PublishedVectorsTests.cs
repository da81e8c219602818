namespace Keywright.ConformanceTests.Protocol.Published;

public sealed class PublishedVectorsTests
{
    [Fact]
    public void Every_published_file_is_used_by_a_test()
    {
        var tests = Directory.GetFiles(Repository.PathTo("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "PublishedVectorsTests.cs")
            .Select(File.ReadAllText)
            .ToList();
        var unused = PublishedVectors.All()
            .Where(file => !file.EndsWith(".md", StringComparison.Ordinal))
            .Where(file => !tests.Exists(test =>
                test.Contains($"\"{file}\"", StringComparison.Ordinal)
                || test.Contains($"\"{file[..file.LastIndexOf('/')]}\"", StringComparison.Ordinal)));

        Assert.Empty(unused);
    }
}
