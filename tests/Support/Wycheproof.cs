using System.Text.Json;

namespace Keywright.TestSupport;

/// <summary>A file of Wycheproof cases: groups with what their cases share, cases with a result.</summary>
internal static class Wycheproof
{
    /// <summary>Runs all cases of a file, and none less than it says it has.</summary>
    public static void ForEach(string file, Action<JsonElement, JsonElement> check)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(PublishedVectors.Require(file)));
        var cases = 0;
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                check(group, test);
                cases++;
            }
        }

        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), cases);
    }

    public static bool IsValid(this JsonElement test) => test.GetProperty("result").GetString() == "valid";

    public static bool HasFlag(this JsonElement test, string flag) =>
        test.GetProperty("flags").EnumerateArray().Any(each => each.GetString() == flag);

    public static byte[] Bytes(this JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString()!);

    /// <summary>The case's number, for the message of a failed assertion.</summary>
    public static string Name(this JsonElement test) => $"case {test.GetProperty("tcId").GetInt32()}";
}
