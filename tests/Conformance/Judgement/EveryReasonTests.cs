using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.ConformanceTests.Judgement;

/// <summary>Every reason for which anything is refused is shown by at least one vector.</summary>
public sealed class EveryReasonTests
{
    /// <summary>What no bytes and no state of a judge alone can give, and why.</summary>
    private static readonly Dictionary<Reason, string> OfTheEnvironment = new()
    {
        [Reason.UnknownStation] = "the site's register has no station of that name, whatever the message",
        [Reason.UnknownId] = "the site's register has no device of that ID, whatever the message",
        [Reason.ClaimOpen] = "the station's own journal has a turn open for another chip",
    };

    [Fact]
    public void Every_reason_has_a_vector_or_comes_from_the_environment_alone()
    {
        var shown = Directory.GetFiles(Repository.PathTo("vectors"), "*.json", SearchOption.AllDirectories)
            .Select(ReasonOf)
            .OfType<Reason>()
            .ToHashSet();

        Assert.Equal(Enum.GetValues<Reason>().Except(shown).Order(), OfTheEnvironment.Keys.Order());
        Assert.All(OfTheEnvironment.Values, Assert.NotEmpty);
    }

    private static Reason? ReasonOf(string path)
    {
        using var vector = JsonDocument.Parse(File.ReadAllBytes(path));
        var expect = vector.RootElement.GetProperty("expect");
        var name = expect.ValueKind == JsonValueKind.Object
            ? expect.TryGetProperty("refused", out var refused) ? refused.GetString() : null
            : expect.GetString();
        return name is not null && Reasons.TryParse(name, out var reason) ? reason : null;
    }
}
