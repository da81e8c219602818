using System.Text.Json.Nodes;
using System.Xml.Linq;
using Keywright.Station.Provisioning;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>
/// A day on the floor with the factory's own program: four sockets, a reader of serials, scrap, and the figures
/// that factory and OEM look at in the evening.
/// </summary>
public sealed class FactoryFloorTests(ProvisioningParties parties) : IClassFixture<ProvisioningParties>
{
    private const string Product = "<script>kettle</script>";

    private KeywrightProgram Keywright => parties.Keywright;

    private KeywrightProgram Tool => parties.FactoryTool;

    [Fact]
    [Trait("Req", "P14")]
    public async Task A_lot_is_made_on_four_sockets_and_every_chip_is_accounted_for()
    {
        const string Id = "day";
        await OrderOf(Id, lots: "70,71", quota: "6");
        await parties.Fabricate("70", "5", "seventy");
        await parties.Fabricate("72", "1", "stray");
        var serials = Enumerable.Range(1, 6).Select(number => $"K-{number:000}").ToArray();
        File.WriteAllLines(parties.PathTo("serials"), serials);
        string[] line =
        [
            .. ProvisioningParties.Station(["--chips", "seventy", "--chip", "stray/001"], order: Id)[1..],
            "--sockets", "4", "--serials", "serials", "--events", "events.jsonl",
        ];

        var (_, rehearsal) = await Tool.Run([.. line, "--dry-run"]);
        Assert.Equal(5, (int)rehearsal["ready"]!);
        Assert.Equal(1, (int)rehearsal["refused"]!);
        Assert.False(File.Exists(parties.PathTo($"station/{Id}.journal")));

        var (exitCode, made) = await Tool.Run(line);
        Assert.Equal(1, exitCode);
        Assert.Equal(5, (int)made["provisioned"]!);
        Assert.Equal(1, (int)made["failed"]!);
        Assert.Equal(
            serials.Order(), made["chips"]!.AsArray().Select(chip => (string)chip!["serial"]!).Order());
        EventsTellTheSame(made);

        await TheFloorIsTidiedUp(Id);
        await TheStationAccounts(Id);
        await TheOemCounts(Id);
    }

    [Fact]
    [Trait("Req", "P14")]
    public async Task Serials_come_line_by_line_and_the_run_ends_with_them()
    {
        await OrderOf("typed", lots: "73", quota: "9");
        await parties.Fabricate("73", "3", "typed");
        File.WriteAllText(parties.PathTo("two"), "T-1\n\n");
        var (exitCode, said) = await Tool.Run(
            [.. ProvisioningParties.Station(["--chips", "typed", "--serials", "two"], order: "typed")[1..]]);

        Assert.Equal(1, exitCode);
        Assert.Equal(1, (int)said["provisioned"]!);
        Assert.Equal("malformed", (string?)said["chips"]![1]!["refused as"]);
        Assert.Equal(1, (int)said["not tried"]!);

        // Nobody types: no chip is touched.
        string[] fromInput = ["--chips", "typed", "--serials", "-", "--resume"];
        var silent = await Tool.Succeed([.. ProvisioningParties.Station(fromInput, order: "typed")[1..]]);
        Assert.Equal(3, (int)silent["not tried"]!);
    }

    [Fact]
    [Trait("Req", "P14")]
    public async Task Events_can_take_the_place_of_the_report()
    {
        await OrderOf("piped", lots: "74", quota: "9");
        await parties.Fabricate("74", "1", "piped");
        var lines = await Tool.Lines(
            [.. ProvisioningParties.Station(["--chips", "piped", "--events", "-"], order: "piped")[1..]]);

        Assert.Equal(
            ["run-started", "chip-begun", "chip-ended", "run-ended"],
            lines.Select(line => (string?)JsonNode.Parse(line)!["event"]));
        Assert.Equal(1, (int)JsonNode.Parse(lines[^1])!["provisioned"]!);
    }

    [Fact]
    [Trait("Req", "P14")]
    public async Task A_torn_event_is_ended_before_the_next_one()
    {
        const string Torn = "{\"event\":\"chip-be";
        File.WriteAllText(parties.PathTo("torn.jsonl"), Torn);
        await Tool.Run([.. ProvisioningParties.Station(
            ["--chip", ProvisioningParties.Blank, "--dry-run", "--events", "torn.jsonl", "--journal", "none.journal"])[1..]]);

        var lines = File.ReadAllLines(parties.PathTo("torn.jsonl"));
        Assert.Equal(Torn, lines[0]);
        Assert.Equal(
            ["run-started", "chip-looked-at", "run-ended"],
            lines[1..].Select(line => (string?)JsonNode.Parse(line)!["event"]));
        Assert.False(File.Exists(parties.PathTo("none.journal")));
    }

    private Task<JsonNode> OrderOf(string id, string lots, string quota) => Keywright.Succeed(
        "oem", "order", "--dir", "oem", "--id", id, "--product", Product, "--factory", "north",
        "--lots", lots, "--quota", quota, "--package", "kettle-1");

    private void EventsTellTheSame(JsonNode made)
    {
        var events = File.ReadAllLines(parties.PathTo("events.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("run-started", (string?)events[0]["event"]);
        Assert.Equal("run-ended", (string?)events[^1]["event"]);
        Assert.Equal(6, events.Count(line => (string?)line["event"] == "chip-looked-at"));
        Assert.Equal(
            Facts(made["chips"]!.AsArray()!),
            Facts(events.Where(line => (string?)line["event"] == "chip-ended")));
        Assert.All(events, line => Assert.EndsWith("Z", (string?)line["at"], StringComparison.Ordinal));
    }

    /// <summary>Every kind of event stands in docs/factory.md as it is written, with the same members, and every fate.</summary>
    private void ThePageForIntegratorsShowsEveryEvent()
    {
        var page = File.ReadAllText(Repository.PathTo("docs", "factory.md"));
        var shown = page.Split('\n').Where(line => line.StartsWith("{\"event\":", StringComparison.Ordinal));
        Assert.Equal(Shapes(File.ReadLines(parties.PathTo("events.jsonl"))), Shapes(shown));
        Assert.All(Enum.GetNames<ChipFate>(), fate =>
            Assert.Contains($"\n| `{fate.ToLowerInvariant()}` |", page, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Shapes(IEnumerable<string> events) =>
        events.Select(line => JsonNode.Parse(line)!.AsObject())
            .Select(line => $"{line["event"]}: {string.Join(", ", line.Select(member => member.Key))}")
            .Distinct()
            .Order();

    private static IEnumerable<string> Facts(IEnumerable<JsonNode> rows) =>
        rows.Select(row => $"{row["place"]} {row["chip"]} {row["serial"]} {row["fate"]} {row["refused as"]}").Order();

    private async Task TheFloorIsTidiedUp(string id)
    {
        string[] lot = ["--dir", "station", "--order", $"oem/orders/{id}.cose"];
        var scrapped = await Tool.Succeed(
            ["scrap", .. lot, "--serial", "K-002", "--why", "<img src=x>", "--events", "events.jsonl"]);
        Assert.True((bool)scrapped["keys"]!);
        Assert.Contains("chip-scrapped", File.ReadLines(parties.PathTo("events.jsonl")).Last());
        await Tool.Succeed(
            ["return", .. lot, "--chip-id", (string)scrapped["chip"]!, "--to", "OEM", "--events", "events.jsonl"]);
        await Tool.Refuse("wrong-lifecycle", ["return", .. lot, "--serial", "K-003", "--to", "OEM"]);
        await Tool.Refuse("unknown-chip", ["scrap", .. lot, "--serial", "K-999", "--why", "lost"]);
        await Tool.Refuse(
            "unknown-order",
            "scrap", "--dir", "station", "--order", "oem/orders/2026-1.cose", "--serial", "K-001", "--why", "x");
        ThePageForIntegratorsShowsEveryEvent();

        string[] again = [.. ProvisioningParties.Station(["--chips", "seventy", "--resume"], order: id)[1..]];
        var (exitCode, said) = await Tool.Run(again);
        Assert.Equal(1, exitCode);
        Assert.Equal(1, (int)said["removed"]!);
        Assert.Equal(4, (int)said["known"]!);
    }

    private async Task TheStationAccounts(string id)
    {
        var account = await Tool.Succeed(
            "report", "--dir", "station", "--order", $"oem/orders/{id}.cose", "--out", "account.json",
            "--html", "station.html");
        Assert.Equal([6, 4, 1, 1, 0], Figures(account));
        Page("station.html");
    }

    private async Task TheOemCounts(string id)
    {
        string[] count = [.. ProvisioningParties.Count(id, $"station/receipts/{id}"), "--html", "oem.html", "--account"];
        var honest = await Keywright.Run([.. count, "account.json"]);
        Assert.Equal([6, 4, 1, 1, 0], Figures(honest.Said));
        Assert.Equal(0, honest.ExitCode);
        var page = Page("oem.html");
        Assert.Contains("&lt;script&gt;kettle&lt;/script&gt;", page);
        Assert.Contains("4 of 6 ordered devices are provisioned", page);

        var lie = File.ReadAllText(parties.PathTo("account.json"))
            .Replace("\"provisioned\",\"serial\":\"K-003\"", "\"failed\",\"serial\":\"K-003\"", StringComparison.Ordinal);
        File.WriteAllText(parties.PathTo("lie.json"), lie);
        var (exitCode, said) = await Keywright.Run([.. count, "lie.json"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("calls it failed", (string?)Assert.Single(said["contradictions"]!.AsArray())!["what"]);

        File.WriteAllText(parties.PathTo("lie.json"), "{}");
        await Keywright.Refuse("malformed", [.. count, "lie.json"]);
    }

    private static int[] Figures(JsonNode report) =>
        [.. new[] { "issued", "provisioned", "failed", "scrapped", "open" }.Select(name => (int)report[name]!)];

    /// <summary>That it holds nothing that runs or is loaded, and that its picture is drawn to scale.</summary>
    private string Page(string name)
    {
        var page = File.ReadAllText(parties.PathTo(name));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x&gt;", page, StringComparison.Ordinal);
        var start = page.IndexOf("<svg", StringComparison.Ordinal);
        var picture = XDocument.Parse(page[start..(page.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        var bars = picture.Descendants("rect").Select(bar => (double)bar.Attribute("width")!).ToList();
        Assert.Equal(bars[0] * 4 / 6, bars[1], tolerance: 0.1);
        return page;
    }
}
