using System.Globalization;
using System.Text;

namespace Keywright.CommandLine;

/// <summary>One kind of chips in a lot, and the colour it has on the page.</summary>
internal sealed record LotPart(string Name, int Count, string Colour, string Meaning);

/// <summary>
/// A lot as one bar, to scale: what was issued beside what was ordered. What is there is seen, however few they are.
/// </summary>
internal static class LotPicture
{
    private const int Margin = 20;
    private const int Width = 860;
    private const int Top = 34;
    private const int Height = 64;
    private const double Least = 5;
    private const int DigitWidth = 13;

    public static void Add(StringBuilder html, IReadOnlyList<LotPart> parts, long quota, string sentence)
    {
        var issued = parts.Sum(part => part.Count);
        var scale = Width / (double)Math.Max(Math.Max(quota, issued), 1);
        var shown = parts.Where(part => part.Count > 0).ToList();
        var widths = Widths(shown, scale);
        html.Append($"<svg viewBox=\"0 0 {Width + 2 * Margin} {Top + Height + 30}\" role=\"img\">\n")
            .Append($"<title>{LotPage.Safe(sentence)}</title>\n")
            .Append($"<rect x=\"{Margin}\" y=\"{Top}\" width=\"{Width}\" height=\"{Height}\" fill=\"#eef1f4\"/>\n");
        double left = Margin;
        double? beyond = null;
        for (var i = 0; i < shown.Count; i++)
        {
            beyond ??= shown[i].Name == "More than ordered" ? left : null;
            AddPart(html, shown[i], left, widths[i]);
            left += widths[i];
        }

        AddLabels(html, beyond ?? Margin + quota * scale, quota, issued);
        html.Append("</svg>\n");
    }

    // What the small ones get more than their due, the largest gives.
    private static double[] Widths(List<LotPart> parts, double scale)
    {
        var widths = parts.Select(part => Math.Max(part.Count * scale, Least)).ToArray();
        if (widths.Length > 0)
        {
            widths[Array.IndexOf(widths, widths.Max())] -= widths.Sum() - parts.Sum(part => part.Count) * scale;
        }

        return widths;
    }

    private static void AddPart(StringBuilder html, LotPart part, double left, double width)
    {
        var count = LotPage.Count(part.Count);
        html.Append($"<rect x=\"{Number(left)}\" y=\"{Top}\" width=\"{Number(width)}\" height=\"{Height}\" ")
            .Append($"fill=\"{part.Colour}\"><title>{part.Name}: {count}</title></rect>\n");
        if (width > (count.Length + 1) * DigitWidth)
        {
            html.Append($"<text x=\"{Number(left + width / 2)}\" y=\"{Top + Height / 2 + 8}\" text-anchor=\"middle\" ")
                .Append($"font-size=\"22\" font-weight=\"bold\" fill=\"#fff\">{count}</text>\n");
        }
    }

    private static void AddLabels(StringBuilder html, double quotaAt, long quota, int issued)
    {
        var at = Number(quotaAt);
        var anchor = quotaAt < Margin + Width / 2.0 ? "start" : "end";
        html.Append($"<line x1=\"{at}\" x2=\"{at}\" y1=\"{Top - 8}\" y2=\"{Top + Height + 8}\" ")
            .Append("stroke=\"#1c2126\" stroke-width=\"3\"/>\n")
            .Append($"<text x=\"{at}\" y=\"{Top - 14}\" text-anchor=\"{anchor}\" font-size=\"18\">")
            .Append($"ordered: {LotPage.Count(quota)}</text>\n")
            .Append($"<text x=\"{Margin}\" y=\"{Top + Height + 26}\" font-size=\"18\">issued: {LotPage.Count(issued)}</text>\n");
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
