using System.Text.Json;
using Keywright.Protocol.KeyDownload;

namespace Keywright.ConformanceTests.Protocol.Published;

public sealed class An10922VectorTests
{
    [Fact]
    public void Every_published_key_is_diversified_as_published()
    {
        using var file = JsonDocument.Parse(
            File.ReadAllBytes(PublishedVectors.Require("an10922/triples.json")));
        var input = Bytes(file.RootElement, "input");
        var cases = 0;
        foreach (var test in file.RootElement.GetProperty("cases").EnumerateArray())
        {
            var key = Bytes(test, "key");
            var diversified = new byte[key.Length];
            Diversification.Diversify(key, input, diversified);
            Assert.Equal(Bytes(test, "diversified"), diversified);
            cases++;
        }

        Assert.Equal(3, cases);
    }

    private static byte[] Bytes(JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString()!);
}
