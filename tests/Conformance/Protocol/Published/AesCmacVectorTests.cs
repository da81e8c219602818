using System.Text.Json;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Protocol.Published;

public sealed class AesCmacVectorTests
{
    [Fact]
    public void Every_wycheproof_case_is_judged_as_it_says()
    {
        using var file = JsonDocument.Parse(
            File.ReadAllBytes(PublishedVectors.Require("wycheproof/aes_cmac_test.json")));
        var cases = 0;
        foreach (var group in file.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            Assert.Equal(8 * AesCmac.TagSize, group.GetProperty("tagSize").GetInt32());
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                Assert.Equal(test.GetProperty("result").GetString() == "valid", Accepts(test));
                cases++;
            }
        }

        Assert.Equal(file.RootElement.GetProperty("numberOfTests").GetInt32(), cases);
    }

    private static bool Accepts(JsonElement test)
    {
        var key = Convert.FromHexString(test.GetProperty("key").GetString()!);
        if (key.Length is not (16 or 24 or 32))
        {
            Assert.Throws<ArgumentException>(() => new AesCmac(key));
            return false;
        }

        using var cmac = new AesCmac(key);
        cmac.Append(Convert.FromHexString(test.GetProperty("msg").GetString()!));
        return cmac.Verify(Convert.FromHexString(test.GetProperty("tag").GetString()!));
    }
}
