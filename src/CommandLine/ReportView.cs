using System.Text.Json.Nodes;
using Spectre.Console;

namespace Keywright.CommandLine;

/// <summary>
/// Shows a report to people: an object as names and values, an array of objects as a table, without the columns
/// in which nothing stands.
/// </summary>
public static class ReportView
{
    public static void Write(JsonNode report, TextWriter output)
    {
        var console = Terminal.Over(output);
        if (report is JsonArray rows)
        {
            WriteTable(rows, console);
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        var tables = new List<(string Name, JsonArray Rows)>();
        foreach (var (name, value) in report.AsObject())
        {
            if (value is JsonArray { Count: > 0 } array && array[0] is JsonObject)
            {
                tables.Add((name, array));
            }
            else
            {
                grid.AddRow(new Text(name), new Text(Plain(value)));
            }
        }

        console.Write(grid);
        foreach (var (name, array) in tables)
        {
            console.WriteLine();
            console.WriteLine(name);
            WriteTable(array, console);
        }
    }

    private static void WriteTable(JsonArray rows, IAnsiConsole console)
    {
        if (rows.Count == 0)
        {
            console.WriteLine("none");
            return;
        }

        var table = new Table().Border(TableBorder.Simple);
        var names = rows[0]!.AsObject().Select(field => field.Key)
            .Where(name => rows.Any(row => Plain(row![name]).Length > 0))
            .ToList();
        foreach (var name in names)
        {
            table.AddColumn(new TableColumn(new Text(name)));
        }

        foreach (var row in rows)
        {
            table.AddRow(names.Select(name => new Text(Plain(row![name]))));
        }

        console.Write(table);
    }

    private static string Plain(JsonNode? value) => value switch
    {
        null => "",
        JsonArray { Count: 0 } => "none",
        JsonArray array => string.Join(", ", array.Select(Plain)),
        _ => value.ToString(),
    };
}
