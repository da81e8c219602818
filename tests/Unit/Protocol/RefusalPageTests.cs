using Keywright.Protocol;

namespace Keywright.UnitTests.Protocol;

public class RefusalPageTests
{
    [Fact]
    public void Every_reason_has_one_row_with_meaning_and_remedy_and_every_row_a_reason()
    {
        var rows = File.ReadLines(Repository.PathTo("docs", "spec", "refusals.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToList();
        Assert.All(rows, cells =>
        {
            Assert.Equal(5, cells.Length);
            Assert.NotEmpty(cells[2]);
            Assert.NotEmpty(cells[3]);
        });
        Assert.Equal(
            Enum.GetValues<Reason>().Select(Refusal.NameOf).Order(StringComparer.Ordinal),
            rows.Select(cells => cells[1].Trim('`')).Order(StringComparer.Ordinal));
    }
}
