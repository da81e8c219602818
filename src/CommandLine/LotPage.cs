using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Keywright.CommandLine;

/// <summary>Chips that a page names, and what it means to stand there.</summary>
public sealed record NamedChips(string Title, string Meaning, IReadOnlyList<string> Rows);

/// <summary>
/// Where the chips of a lot stand, as one HTML page for people who decide: a sentence, a picture, the figures,
/// the chips by name. It holds no script and loads nothing; everything that came from elsewhere is escaped.
/// </summary>
public sealed record LotPage
{
    private const int Width = 860;
    private const int BarTop = 34;
    private const int BarHeight = 56;

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

    private IReadOnlyList<Part> Parts =>
    [
        new("Provisioned", Provisioned, "#2f7d4f", "hold their keys, and signed a receipt"),
        new("Failed", Failed, "#7d8590", "refused; hold nothing of this order"),
        new("Scrapped", Scrapped, "#b4501e", "given up; may hold keys, and are to be destroyed or given back"),
        new("Open", Open, "#c9a227", "begun, and it is not known how that ended: find them"),
    ];

    public string ToHtml()
    {
        var html = new StringBuilder($$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width">
            <title>{{Safe(Title)}}</title>
            <style>
            body { font: 16px/1.5 sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; color: #1c2126; }
            table { border-collapse: collapse; width: 100%; }
            td, th { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d8dde2; vertical-align: top; }
            td.n { text-align: right; font-variant-numeric: tabular-nums; }
            i { display: inline-block; width: .8rem; height: .8rem; margin-right: .5rem; }
            li { font-family: monospace; overflow-wrap: anywhere; }
            svg { width: 100%; height: auto; }
            </style>
            </head>
            <body>
            <h1>{{Safe(Title)}}</h1>
            <p>{{Safe(Sentence())}}</p>

            """);
        AddPicture(html);
        AddFigures(html);
        foreach (var list in Lists.Where(list => list.Rows.Count > 0))
        {
            html.Append($"<h2>{Safe(list.Title)}: {list.Rows.Count}</h2>\n<p>{Safe(list.Meaning)}</p>\n<ul>\n");
            html.AppendJoin("", list.Rows.Select(row => $"<li>{Safe(row)}</li>\n")).Append("</ul>\n");
        }

        return html.Append("</body>\n</html>\n").ToString();
    }

    private string Sentence() =>
        $"{Provisioned} of {Quota} ordered devices are provisioned. {Issued} chips were issued: "
        + $"{Provisioned} provisioned, {Failed} failed, {Scrapped} scrapped, {Open} open.";

    private void AddPicture(StringBuilder html)
    {
        var scale = Width / (double)Math.Max(Math.Max(Quota, Issued), 1);
        html.Append($"<svg viewBox=\"0 0 {Width + 40} {BarTop + BarHeight + 30}\" role=\"img\">\n");
        html.Append($"<title>{Safe(Sentence())}</title>\n");
        html.Append($"<rect x=\"20\" y=\"{BarTop}\" width=\"{Width}\" height=\"{BarHeight}\" fill=\"#eef1f4\"/>\n");
        var left = 0;
        foreach (var part in Parts.Where(part => part.Count > 0))
        {
            html.Append($"<rect x=\"{Number(20 + left * scale)}\" y=\"{BarTop}\" width=\"{Number(part.Count * scale)}\" ")
                .Append($"height=\"{BarHeight}\" fill=\"{part.Colour}\"><title>{part.Name}: {part.Count}</title></rect>\n");
            left += part.Count;
        }

        var quota = Number(20 + Quota * scale);
        var anchor = Quota * scale < Width / 2.0 ? "start" : "end";
        html.Append($"<line x1=\"{quota}\" x2=\"{quota}\" y1=\"{BarTop - 8}\" y2=\"{BarTop + BarHeight + 8}\" ")
            .Append("stroke=\"#1c2126\" stroke-width=\"3\"/>\n")
            .Append($"<text x=\"{quota}\" y=\"{BarTop - 14}\" text-anchor=\"{anchor}\" font-size=\"16\">")
            .Append($"ordered: {Quota}</text>\n")
            .Append($"<text x=\"20\" y=\"{BarTop + BarHeight + 24}\" font-size=\"16\">issued: {Issued}</text>\n</svg>\n");
    }

    private void AddFigures(StringBuilder html)
    {
        html.Append("<table>\n");
        foreach (var part in Parts)
        {
            html.Append($"<tr><td><i style=\"background:{part.Colour}\"></i>{part.Name}</td>")
                .Append($"<td class=\"n\">{part.Count}</td><td>{Safe(part.Meaning)}</td></tr>\n");
        }

        html.Append($"<tr><th>Issued</th><td class=\"n\">{Issued}</td><td>all of them</td></tr>\n</table>\n<table>\n");
        foreach (var (name, value) in Facts)
        {
            html.Append($"<tr><th>{Safe(name)}</th><td>{Safe(value)}</td></tr>\n");
        }

        html.Append("</table>\n");
    }

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private sealed record Part(string Name, int Count, string Colour, string Meaning);
}
