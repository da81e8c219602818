using System.Text.Json;

namespace Keywright.ConformanceTests.Judgement;

/// <summary>
/// vectors/judgement: what is decided from a state and an input, once their form and their proofs are good. The
/// shape of each judge's state and input stands in vectors/README.md, the order of its questions in the page
/// that is named there.
/// </summary>
[Trait("Req", "I03")]
public sealed class JudgementVectorTests
{
    private static readonly string Folder = Repository.PathTo("vectors", "judgement");

    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_state_and_an_input_give_what_the_vector_says(string file)
    {
        using var vector = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file)));
        var judge = vector.RootElement.GetProperty("judge").GetString()!;
        var state = vector.RootElement.GetProperty("state");
        var input = vector.RootElement.GetProperty("input");
        var said = judge switch
        {
            "take" => SiteJudges.Take(state, input),
            "speaker" => SiteJudges.Speaker(state, input),
            "claim" => DeliveryJudges.Claim(state, input),
            "done" => DeliveryJudges.Done(state, input),
            "condition" => DeliveryJudges.Condition(state, input),
            "receipt" => OwnerJudges.Receipt(state, input),
            "account" => OwnerJudges.Account(state, input),
            "export-key" => OwnerJudges.ExportKey(state, input),
            "module" => ChipJudges.Module(state, input),
            "chip" => ChipJudges.Command(state, input),
            _ => $"no judge is called {judge}",
        };

        Assert.StartsWith($"{judge}-", file, StringComparison.Ordinal);
        Assert.Equal(Expected(vector.RootElement.GetProperty("expect")), said);
    }

    /// <summary>A name, or what is in {"verdict": …} and {"granted": …}.</summary>
    private static string Expected(JsonElement expect) => expect.ValueKind == JsonValueKind.Object
        ? expect.EnumerateObject().Single().Value.GetString()!
        : expect.GetString()!;
}
