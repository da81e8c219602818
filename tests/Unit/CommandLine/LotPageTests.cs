using System.Globalization;
using System.Xml.Linq;
using Keywright.CommandLine;

namespace Keywright.UnitTests.CommandLine;

/// <summary>What somebody sees who looks at the page for ten seconds.</summary>
[Trait("Req", "P14")]
public sealed class LotPageTests
{
    private const double Width = 860;
    private const string Red = "#a3121f";

    [Theory]
    [InlineData(100, 100, 0, 0, 0, "done", "Done: 100 of 100 made.", "")]
    [InlineData(100, 83, 4, 2, 3, "on", "83 of 100 made, 17 to go.", "3 open: find them. 2 scrapped: have them destroyed or back.")]
    [InlineData(100, 0, 0, 0, 0, "on", "0 of 100 made, 100 to go.", "")]
    [InlineData(100_000, 99_120, 0, 0, 880, "on", "99,120 of 100,000 made, 880 to go.", "880 open: find them.")]
    public void The_verdict_stands_first(
        int quota, int provisioned, int failed, int scrapped, int open, string kind, string words, string todo)
    {
        var page = Page(quota, provisioned, failed, scrapped, open).ToHtml();

        Assert.Contains($"<p class=\"verdict {kind}\"><b>{words}</b>{todo}</p>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void What_must_not_be_is_said_before_anything_else()
    {
        var page = Page(100, 104, 0, 0, 0) with
        {
            Lists =
            [
                new NamedChips("More than ordered", "why", ["a", "b", "c", "d"], IsAlarm: true),
                new NamedChips("Contradictions", "why", ["e"], IsAlarm: true),
                new NamedChips("Foreign receipts", "why", [], IsAlarm: true),
                new NamedChips("Duplicates", "why", ["f"]),
            ],
        };

        Assert.Contains(
            "<p class=\"verdict alarm\"><b>Stop and look. More than ordered: 4. Contradictions: 1.</b>104 of 100 made. </p>",
            page.ToHtml(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_bar_is_to_scale_and_what_is_beyond_the_order_is_red_behind_its_mark()
    {
        var (bars, mark) = Picture(Page(100, 104, 4, 0, 2));

        Assert.Equal(["#2f7d4f", Red, "#7d8590", "#8f6f00"], bars.Select(bar => bar.Colour));
        Assert.Equal([100, 4, 4, 2], bars.Select(bar => bar.Width * 110 / Width), Near);
        Assert.Equal(bars[1].Left, mark, 0.1);
        Assert.Equal(20 + Width, bars[^1].Left + bars[^1].Width, 0.1);
    }

    [Fact]
    public void One_chip_of_100000_is_seen()
    {
        var (bars, mark) = Picture(Page(100_000, 99_997, 1, 1, 1));

        Assert.Equal([5, 5, 5], bars.Skip(1).Select(bar => bar.Width), Near);
        Assert.Equal(20 + Width, bars[^1].Left + bars[^1].Width, 0.1);
        Assert.Equal(20 + Width, mark, 0.1);
    }

    [Fact]
    public void A_lot_that_was_not_begun_is_an_empty_bar()
    {
        var (bars, mark) = Picture(Page(100, 0, 0, 0, 0));

        Assert.Empty(bars);
        Assert.Equal(20 + Width, mark, 0.1);
    }

    [Fact]
    public void Names_of_any_length_and_sign_are_escaped_and_may_break()
    {
        var name = new string('W', 32) + "<b>&\"'";
        var page = (Page(10, 1, 0, 0, 0) with
        {
            Title = name,
            Facts = [("Product", name)],
            Lists = [new NamedChips("Scrapped", "why", [name])],
        }).ToHtml();

        Assert.DoesNotContain("WWW<b>", page, StringComparison.Ordinal);
        Assert.Equal(4, page.Split("WWW&lt;b&gt;&amp;&quot;&#x27;").Length - 1);
        Assert.Contains("overflow-wrap: anywhere", page, StringComparison.Ordinal);
    }

    [Fact]
    public void It_loads_nothing_and_prints_dark_on_white()
    {
        var page = Page(10, 1, 0, 0, 0).ToHtml();

        Assert.Contains("default-src 'none'; style-src 'unsafe-inline'", page, StringComparison.Ordinal);
        Assert.All(["<script", "<img", "<link", "@import", "url(", "://"], word =>
            Assert.DoesNotContain(word, page, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("color: #1c2126;\n  background: #fff;", page, StringComparison.Ordinal);
        Assert.Contains("@media print", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_long_list_the_first_500_are_named()
    {
        var names = Enumerable.Range(1, 501).Select(number => number.ToString(CultureInfo.InvariantCulture));
        var page = (Page(1000, 0, 501, 0, 0) with { Lists = [new NamedChips("Failed", "why", [.. names])] }).ToHtml();

        Assert.Equal(500, page.Split("<li>").Length - 1);
        Assert.Contains("and 1 more, all of them in the report as JSON", page, StringComparison.Ordinal);
    }

    private static LotPage Page(int quota, int provisioned, int failed, int scrapped, int open) => new()
    {
        Title = "A lot",
        Facts = [],
        Quota = quota,
        Provisioned = provisioned,
        Failed = failed,
        Scrapped = scrapped,
        Open = open,
        Lists = [],
    };

    private static (IReadOnlyList<Bar> Bars, double Mark) Picture(LotPage page)
    {
        var html = page.ToHtml();
        var start = html.IndexOf("<svg", StringComparison.Ordinal);
        var svg = XDocument.Parse(html[start..(html.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        return (
            [
                .. svg.Descendants("rect").Skip(1).Select(bar => new Bar(
                    (double)bar.Attribute("x")!, (double)bar.Attribute("width")!, (string)bar.Attribute("fill")!)),
            ],
            (double)svg.Descendants("line").Single().Attribute("x1")!);
    }

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 0.1;

    private sealed record Bar(double Left, double Width, string Colour);
}
