using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>
/// The factory's program as somebody has it before them who works at the line: at a terminal, which
/// <c>script</c> makes, and with a chip that says nothing any more.
/// </summary>
[Trait("Req", "P14")]
public sealed partial class FactoryTerminalTests(ProvisioningParties parties) : IClassFixture<ProvisioningParties>
{
    private KeywrightProgram Tool => parties.FactoryTool;

    [Fact]
    public async Task Work_shows_how_far_it_is_and_takes_that_away_at_the_end()
    {
        await LotOf("bar", lot: "80", chips: "2");

        var (exitCode, screen) = await AtTerminal("", Line("bar", "--chips", "bar"));

        Assert.True(exitCode == 0, screen);
        Assert.Matches("order bar [^\n]+%", screen);
        Assert.Matches(@"%[^%]*\x1b\[2K[^%]*provisioned +2\s", screen);
    }

    [Fact]
    public async Task Where_nobody_watches_there_is_no_bar_and_no_colour()
    {
        await LotOf("plain", lot: "81", chips: "1");

        var (exitCode, said) = await ExternalProgram.Run("sh", Script(Line("plain", "--chips", "plain")));

        Assert.True(exitCode == 0, said);
        Assert.Matches(@"provisioned +1\s", said);
        Assert.DoesNotContain('\u001b', said);
        Assert.DoesNotContain('%', said);
    }

    [Fact]
    public async Task Serials_are_asked_for_board_by_board_until_nobody_types_any_more()
    {
        await LotOf("typed", lot: "82", chips: "3");

        var (exitCode, screen) = await AtTerminal("T-1\nT-2\n", Line("typed", "--chips", "typed", "--serials", "-"));

        Assert.True(exitCode == 0, screen);
        var asked = Asked().Matches(screen).Select(match => match.Groups[1].Value);
        Assert.Equal(["typed/001", "typed/002", "typed/003"], asked);
        Assert.DoesNotContain('%', screen);
        Assert.Matches(@"typed/003: (\^D\x08\x08)?\r?\n", screen);
        Assert.Matches(@"typed/001 +[0-9a-f]{34} +T-1 +provisioned", screen);
        Assert.Matches(@"typed/002 +[0-9a-f]{34} +T-2 +provisioned", screen);
    }

    [Fact]
    public async Task A_chip_that_is_silent_for_longer_than_the_patience_is_lost_and_the_next_one_has_its_turn()
    {
        await LotOf("silent", lot: "83", chips: "1");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(parties.PathTo("mute")));
        listener.Listen();

        var run = Tool.Run([.. Line("silent", "--chips", "silent", "--patience", "1", parties.PathTo("mute"))]);
        using var connection = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        var (exitCode, said) = await run.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        Assert.Equal((1, 1), ((int)said["provisioned"]!, (int)said["lost"]!));
        Assert.Equal("lost", (string?)said["chips"]!.AsArray().Single(
            chip => (string?)chip!["place"] == parties.PathTo("mute"))!["fate"]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("86401")]
    public Task Patience_is_of_a_second_to_a_day(string seconds) => Tool.Fail(
        2, "--patience: 1 to 86400", [.. Line("2026-1", "--chip", ProvisioningParties.Blank, "--patience", seconds)]);

    [GeneratedRegex("serial of the board in ([a-z0-9/]+): ")]
    private static partial Regex Asked();

    private static string[] Line(string order, params string[] more) =>
        [.. ProvisioningParties.Station(more, order: order)[1..]];

    private async Task LotOf(string id, string lot, string chips)
    {
        await parties.Order(id, lot, "9");
        await parties.Fabricate(lot, chips, id);
    }

    private Task<(int ExitCode, string Screen)> AtTerminal(string typed, string[] arguments)
    {
        SystemPackages.Require("bsdutils");
        var line = $"stty cols 120; TERM=xterm exec sh '{Script(arguments)}'";
        return ExternalProgram.Feed("script", typed, "-qefc", line, "/dev/null");
    }

    /// <summary>A file with this command line of the factory's program, in the parties' folder.</summary>
    private string Script(string[] arguments)
    {
        var words = new[] { "dotnet", KeywrightProgram.PathTo("keywright-station") }.Concat(arguments);
        var path = parties.PathTo($"{Guid.NewGuid():N}.sh");
        File.WriteAllText(
            path, $"cd '{parties.PathTo(".")}'; exec {string.Join(' ', words.Select(word => $"'{word}'"))}\n");
        return path;
    }
}
