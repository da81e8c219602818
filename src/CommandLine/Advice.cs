using Keywright.Protocol;

namespace Keywright.CommandLine;

/// <summary>Meaning and remedy of each reason, read from the table of docs/spec/refusals.md, which travels inside the program.</summary>
public sealed record Advice(string Meaning, string ToDo)
{
    private static readonly Dictionary<string, Advice> Table = Read();

    public static Advice For(Reason reason) => Table[Refusal.NameOf(reason)];

    private static Dictionary<string, Advice> Read()
    {
        using var stream = typeof(Advice).Assembly.GetManifestResourceStream("refusals.md")!;
        using var reader = new StreamReader(stream);
        var table = new Dictionary<string, Advice>();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length == 5 && cells[1].StartsWith('`'))
            {
                table[cells[1].Trim('`')] = new Advice(cells[2], cells[3]);
            }
        }

        return table;
    }
}
