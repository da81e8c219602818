using System.Text.Json;
using System.Text.RegularExpressions;
using Keywright.Protocol;

namespace Keywright.UnitTests.House;

/// <summary>
/// docs/threats.md names for every attack what happens, the vectors that show it, and the tests: they must be there,
/// and the vectors must say the same.
/// </summary>
public class ThreatsTests
{
    private static readonly HashSet<string> Reasons = [.. Enum.GetValues<Reason>().Select(Refusal.NameOf)];
    private static readonly List<Attack> Attacks = Read();

    [Fact]
    public void Every_vector_that_a_row_names_is_there()
    {
        Assert.DoesNotContain(Attacks.SelectMany(attack => attack.Vectors), vector => !File.Exists(PathTo(vector)));
    }

    [Fact]
    public void A_row_names_exactly_the_reasons_that_its_vectors_show()
    {
        Assert.All(Attacks.Where(attack => attack.Vectors.Count > 0), attack => Assert.Equal(
            attack.Reasons.Order(StringComparer.Ordinal),
            attack.Vectors.Select(ReasonOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Every_test_that_a_row_names_is_there()
    {
        var tests = Directory.EnumerateFiles(Repository.PathTo("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);
        Assert.Empty(
            from attack in Attacks
            from test in attack.Tests
            let names = test.Split('.')
            where !tests.TryGetValue(names[0], out var text) || !Regex.IsMatch(text, $@"\s{names[1]}\(")
            select $"{attack.What}: {test}");
    }

    [Fact]
    public void Every_row_has_tests_and_vectors_or_says_why_there_is_nothing_to_judge()
    {
        Assert.True(Attacks.Count > 30, $"{Attacks.Count} rows were read");
        Assert.All(Attacks, attack =>
        {
            Assert.NotEmpty(attack.Tests);
            Assert.True(
                attack.Vectors.Count > 0 || attack.VectorCell.StartsWith("none: ", StringComparison.Ordinal),
                attack.What);
        });
    }

    private static List<Attack> Read() =>
    [
        .. from line in File.ReadLines(Repository.PathTo("docs", "threats.md"))
           let cells = line.Split('|', StringSplitOptions.TrimEntries)
           where cells.Length == 7 && cells[1].Length > 0 && cells[1] != "attack" && cells[1][0] != '-'
           select new Attack(
               cells[1],
               [.. Quoted(cells[3]).Where(Reasons.Contains)],
               cells[4],
               [.. Quoted(cells[4])],
               [.. Quoted(cells[5])]),
    ];

    private static IEnumerable<string> Quoted(string cell) =>
        Regex.Matches(cell, "`([^`]+)`").Select(match => match.Groups[1].Value);

    private static string PathTo(string vector) => Repository.PathTo("vectors", $"{vector}.json");

    /// <summary>Null when the vector is accepted, or what comes out is no refusal.</summary>
    private static string? ReasonOf(string vector)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(PathTo(vector)));
        var expect = json.RootElement.GetProperty("expect");
        return expect.ValueKind == JsonValueKind.String && Reasons.Contains(expect.GetString()!)
            ? expect.GetString()
            : null;
    }

    private sealed record Attack(
        string What,
        IReadOnlyList<string> Reasons,
        string VectorCell,
        IReadOnlyList<string> Vectors,
        IReadOnlyList<string> Tests);
}
