using System.Text.Json;
using Keywright.Protocol;

namespace Keywright.ConformanceTests.Protocol;

public class DigestTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "digest")).Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_digest_is_what_the_vector_says(string file)
    {
        using var vector = JsonDocument.Parse(File.ReadAllText(Repository.PathTo("vectors", "digest", file)));
        var input = Convert.FromHexString(vector.RootElement.GetProperty("input").GetString()!);
        var expect = vector.RootElement.GetProperty("expect").GetString();

        Assert.Equal(expect, Digest.Of(input).ToString());
    }
}
