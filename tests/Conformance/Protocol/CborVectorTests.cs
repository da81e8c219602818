using System.Text.Json;

namespace Keywright.ConformanceTests.Protocol;

[Trait("Req", "I03")]
public sealed class CborVectorTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "cbor")).Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_item_is_judged_as_its_vector_says(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", "cbor", file)));
        var vector = document.RootElement;
        var item = Convert.FromHexString(vector.GetProperty("item").GetString()!);

        Assert.Equal(vector.GetProperty("expect").GetString(), ProfileItem.Judge(item)?.Name ?? "accepted");
    }

    [Fact]
    public void All_examples_of_the_standard_are_among_the_vectors() =>
        Assert.Equal(82, Cases.Count(name => name.Data.StartsWith("rfc-8949-a-", StringComparison.Ordinal)));
}
