namespace Keywright.EndToEndTests.House;

/// <summary>
/// The bans bite: one file that does everything forbidden anywhere is compiled into every project as it
/// stands, and each project refuses exactly what its border forbids.
/// </summary>
public class BannedSymbolsTests(ForbiddenDeeds deeds) : IClassFixture<ForbiddenDeeds>
{
    private static readonly string[] Clock =
        ["clock", "clock with offset", "ticks", "stopwatch", "random", "guid", "fresh key"];

    private static readonly string[] Process = ["system clock", "system entropy", "terminal"];
    private static readonly string[] Files = ["file", "path"];
    private static readonly string[] Network = ["network"];

    private static readonly string[] OpeningStories =
        ["opening packages", "opening backups", "opening dumps", "opening keys"];

    public static readonly TheoryData<string, string[]> Forbidden = new()
    {
        { "Protocol", [.. Clock, .. Process, .. Files, .. Network] },
        { "Device", [.. Clock, .. Process, .. Files, .. Network] },
        { "Site", [.. Clock, .. Process, .. Files, .. Network] },
        { "Owner", [.. Clock, .. Process, .. Network] },
        { "Keystores", [.. Clock, .. Process, .. Network] },
        { "Storage", [.. Clock, .. Process, .. Network] },
        { "Chips", [.. Clock, .. Process] },
        { "Station", [.. Clock, .. Process, .. Network, .. OpeningStories] },
        {
            "PublicDirectory",
            [.. Clock, .. Process, .. Network, .. OpeningStories, "opening", "opening firmware"]
        },
        { "CommandLine", [.. Clock, .. Network, .. OpeningStories, "opening", "opening firmware"] },
        { "StationTool", [.. Clock, .. Network, .. OpeningStories, "opening", "opening firmware"] },
        { "Cli", Clock },
    };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_project_refuses_exactly_what_its_border_forbids(string project, string[] forbidden)
    {
        Assert.Equal(forbidden.Order(), deeds.RefusedIn(project).Order());
    }
}
