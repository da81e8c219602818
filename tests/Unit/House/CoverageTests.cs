using System.Text.RegularExpressions;

namespace Keywright.UnitTests.House;

/// <summary>docs/coverage.md says what is proven by which tests: the tests must say the same.</summary>
public class CoverageTests
{
    private static readonly ILookup<string, string> TestsOfRow = ReadTraits();

    [Fact]
    public void Every_test_class_that_a_row_names_carries_that_row()
    {
        var faults =
            from row in Rows()
            from test in row.ProvenBy
            where !TestsOfRow[row.Name].Contains(test)
            select $"{row.Name}: {test}";
        Assert.Empty(faults);
    }

    [Fact]
    public void Every_row_that_works_names_a_test_and_every_open_one_none()
    {
        Assert.All(Rows(), row =>
        {
            Assert.Contains(row.State, (string[])["whole", "thin", "open"]);
            Assert.Equal(row.State == "open", row.ProvenBy.Count == 0);
            Assert.True(row.State == "open" || row.State == "whole" == (row.Missing.Length == 0), row.Name);
        });
    }

    [Fact]
    public void Every_row_that_a_test_carries_is_on_the_page()
    {
        var rows = Rows().Select(row => row.Name).ToHashSet();
        Assert.All(TestsOfRow, group => Assert.Contains(group.Key, rows));
        Assert.Equal(15 + 22 + 11 + 9 + 9 + 3, rows.Count);
    }

    private static List<Row> Rows() =>
        [.. File.ReadLines(Repository.PathTo("docs", "coverage.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 8 && Regex.IsMatch(cells[1], "^[PTKDSI][0-9]{2}$"))
            .Select(cells => new Row(
                cells[1], cells[3], cells[5].Split(", ", StringSplitOptions.RemoveEmptyEntries), cells[6]))];

    private static ILookup<string, string> ReadTraits() =>
        (from file in Directory.EnumerateFiles(Repository.PathTo("tests"), "*Tests.cs", SearchOption.AllDirectories)
         from Match match in Regex.Matches(File.ReadAllText(file), "Trait\\(\"Req\", \"([A-Z][0-9]{2})\"\\)")
         select (Row: match.Groups[1].Value, Test: Path.GetFileNameWithoutExtension(file)))
        .ToLookup(pair => pair.Row, pair => pair.Test);

    private sealed record Row(string Name, string State, IReadOnlyList<string> ProvenBy, string Missing);
}
