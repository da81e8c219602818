using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Keywright.CommandLine;

/// <summary>Chips that a page names, what it means to stand there, and whether that must not be.</summary>
public sealed record NamedChips(string Title, string Meaning, IReadOnlyList<string> Rows, bool IsAlarm = false);

/// <summary>
/// Where the chips of a lot stand, as one HTML page for people who decide: a verdict, a picture, the figures, the
/// chips by name. It holds no script and loads nothing; everything that came from elsewhere is escaped.
/// </summary>
public sealed record LotPage
{
    private const int MaxRows = 500;

    private const string Style = """
        body { font: 16px/1.5 sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; color: #1c2126;
          background: #fff; overflow-wrap: anywhere; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
        h2 { font-size: 1.15rem; margin: 2rem 0 0; break-after: avoid; }
        h2 + p { margin: 0 0 .5rem; break-after: avoid; }
        .verdict { border-left: .6rem solid; padding: .4rem 1rem; font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem; }
        .verdict b { display: block; }
        .alarm { border-color: #a3121f; } .alarm b { color: #a3121f; }
        .done { border-color: #2f7d4f; } .on { border-color: #7d8590; }
        table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
        td, th { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d8dde2; vertical-align: top; }
        th { width: 11rem; } td.n { text-align: right; font-variant-numeric: tabular-nums; width: 6rem; }
        i { display: inline-block; width: .8rem; height: .8rem; margin-right: .5rem; print-color-adjust: exact; }
        ul { padding-left: 1.2rem; margin: 0; } li { font: .85rem/1.5 monospace; break-inside: avoid; }
        svg { width: 100%; height: auto; }
        @page { margin: 15mm; }
        @media print { body { margin: 0; max-width: none; font-size: 11pt; } tr { break-inside: avoid; } }
        """;

    public required string Title { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Facts { get; init; }

    public required long Quota { get; init; }

    public required int Provisioned { get; init; }

    public required int Failed { get; init; }

    public required int Scrapped { get; init; }

    public required int Open { get; init; }

    public required IReadOnlyList<NamedChips> Lists { get; init; }

    /// <summary>Every chip stands in exactly one of the four.</summary>
    public int Issued => Provisioned + Failed + Scrapped + Open;

    private int Ordered => (int)Math.Min(Provisioned, Quota);

    private IReadOnlyList<LotPart> Parts =>
    [
        new("Provisioned", Ordered, "#2f7d4f", "hold their keys, and signed a receipt"),
        new("More than ordered", Provisioned - Ordered, "#a3121f", "good chips that nobody ordered: refused at first contact"),
        new("Failed", Failed, "#7d8590", "refused; hold nothing of this order"),
        new("Scrapped", Scrapped, "#b4501e", "given up; may hold keys, and are to be destroyed or given back"),
        new("Open", Open, "#8f6f00", "begun, and it is not known how that ended: find them"),
    ];

    public string ToHtml()
    {
        var (kind, words, todo) = Verdict();
        var html = new StringBuilder($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width">
            <title>{Safe(Title)}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <h1>{Safe(Title)}</h1>
            <p class="verdict {kind}"><b>{Safe(words)}</b>{Safe(todo)}</p>

            """);
        LotPicture.Add(html, Parts, Quota, Sentence());
        AddFigures(html);
        foreach (var list in Lists.Where(list => list.Rows.Count > 0))
        {
            AddNames(html, list);
        }

        return html.Append("</body>\n</html>\n").ToString();
    }

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Safe(string text) => HtmlEncoder.Default.Encode(text);

    private (string Kind, string Words, string ToDo) Verdict()
    {
        var alarms = Lists.Where(list => list.IsAlarm && list.Rows.Count > 0).ToList();
        var made = $"{Count(Provisioned)} of {Count(Quota)} made";
        var todo = string.Join(
            " ",
            new[]
            {
                Open > 0 ? $"{Count(Open)} open: find them." : null,
                Scrapped > 0 ? $"{Count(Scrapped)} scrapped: have them destroyed or back." : null,
            }.Where(text => text is not null));
        return alarms.Count > 0
            ? ("alarm", $"Stop and look. {string.Join(" ", alarms.Select(NameOf))}", $"{made}. {todo}")
            : Provisioned >= Quota ? ("done", $"Done: {made}.", todo)
            : ("on", $"{made}, {Count(Quota - Provisioned)} to go.", todo);
    }

    private static string NameOf(NamedChips list) => $"{list.Title}: {Count(list.Rows.Count)}.";

    private string Sentence() =>
        $"{Provisioned} of {Quota} ordered devices are provisioned. {Issued} chips were issued: "
        + $"{Provisioned} provisioned, {Failed} failed, {Scrapped} scrapped, {Open} open.";

    private void AddFigures(StringBuilder html)
    {
        html.Append("<table>\n");
        foreach (var part in Parts.Where(part => part.Count > 0 || part.Name != "More than ordered"))
        {
            html.Append($"<tr><th><i style=\"background:{part.Colour}\"></i>{part.Name}</th>")
                .Append($"<td class=\"n\">{Count(part.Count)}</td><td>{Safe(part.Meaning)}</td></tr>\n");
        }

        html.Append($"<tr><th>Issued</th><td class=\"n\">{Count(Issued)}</td><td>all of them</td></tr>\n</table>\n<table>\n");
        foreach (var (name, value) in Facts)
        {
            html.Append($"<tr><th>{Safe(name)}</th><td>{Safe(value)}</td></tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AddNames(StringBuilder html, NamedChips list)
    {
        html.Append($"<h2>{Safe(list.Title)}: {Count(list.Rows.Count)}</h2>\n<p>{Safe(list.Meaning)}</p>\n<ul>\n");
        html.AppendJoin("", list.Rows.Take(MaxRows).Select(row => $"<li>{Safe(row)}</li>\n")).Append("</ul>\n");
        if (list.Rows.Count > MaxRows)
        {
            html.Append($"<p>and {Count(list.Rows.Count - MaxRows)} more, all of them in the report as JSON</p>\n");
        }
    }
}
