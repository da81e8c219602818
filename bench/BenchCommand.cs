using Spectre.Console;

namespace Keywright.Bench;

/// <summary>`./keywright bench`: one table; every row says what it aims at and whether it was reached.</summary>
internal static class BenchCommand
{
    public static int Run(int rounds, string only, bool markdown)
    {
        OneCore.Pin();
        var results = Rows.All()
            .Where(row => row.Name.Contains(only, StringComparison.OrdinalIgnoreCase))
            .Select(row => row.Measure(rounds))
            .ToList();
        if (OneGibibyte.Name.Contains(only, StringComparison.OrdinalIgnoreCase))
        {
            results.Add(OneGibibyte.Measure());
        }

        if (markdown)
        {
            WriteMarkdown(results);
        }
        else
        {
            WriteTable(results);
        }

        return results.TrueForAll(each => each.Reached != false) ? 0 : 1;
    }

    private static void WriteTable(List<Result> results)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in Result.Headings)
        {
            table.AddColumn(heading);
        }

        foreach (var result in results)
        {
            table.AddRow([.. result.Cells().Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }

    private static void WriteMarkdown(List<Result> results)
    {
        Console.WriteLine($"| {string.Join(" | ", Result.Headings)} |");
        Console.WriteLine($"| {string.Join(" | ", Result.Headings.Select(_ => "---"))} |");
        foreach (var result in results)
        {
            Console.WriteLine($"| {string.Join(" | ", result.Cells())} |");
        }
    }
}
