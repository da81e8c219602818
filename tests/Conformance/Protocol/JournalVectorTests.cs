using System.Text.Json.Nodes;
using Keywright.Station;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>vectors/journal: what a station reads of its file after a crash, and what it calls damage.</summary>
[Trait("Req", "I03")]
public sealed class JournalVectorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "journal")).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Req", "P14")]
    public void A_journal_is_read_as_the_vector_says(string file)
    {
        var vector = JsonNode.Parse(File.ReadAllText(Repository.PathTo("vectors", "journal", file)))!;
        var before = Convert.FromHexString((string)vector["journal"]!);
        var path = folder.Write("journal", before);

        Assert.Equal(vector["expect"]!.ToJsonString(), Open(path).ToJsonString());
        if (vector["expect"] is not JsonObject)
        {
            Assert.Equal(before, File.ReadAllBytes(path));
        }
    }

    public void Dispose() => folder.Dispose();

    private static JsonNode Open(string path)
    {
        var entries = new JsonArray();
        try
        {
            using var journal = Journal.Open(path, entry => entries.Add((JsonNode)new JsonObject
            {
                ["record"] = Convert.ToHexStringLower(entry.Record.Span),
                ["secret"] = entry.Secret is { } secret ? Convert.ToHexStringLower(secret) : null,
            }));
        }
        catch (InvalidDataException)
        {
            return JsonValue.Create("damaged");
        }

        return new JsonObject { ["entries"] = entries, ["kept"] = new FileInfo(path).Length };
    }
}
