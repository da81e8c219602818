using Keywright.Cli.CommandLine;

namespace Keywright.Cli.Firmware;

/// <summary>The commands of first programming, by party.</summary>
internal static class ProgrammingCommands
{
    public static void AddTo(Parties parties)
    {
        parties.Site.Subcommands.Add(SetUpSite.Init());
        parties.Site.Subcommands.Add(SetUpSite.Enrol());
        parties.Site.Subcommands.Add(SetUpSite.Revoke());
        parties.Site.Subcommands.Add(FillSite.ImportChips());
        parties.Site.Subcommands.Add(FillSite.AddIds());
        parties.Site.Subcommands.Add(FillSite.AddBootloader());
        parties.Site.Subcommands.Add(AnswerTake.Create());
        parties.Site.Subcommands.Add(AskSite.Device());
        parties.Site.Subcommands.Add(AskSite.Report());
        parties.Site.Subcommands.Add(AskSite.Alerts());
        parties.Station.Subcommands.Add(SetUpStation.Init());
        parties.Station.Subcommands.Add(SetUpStation.Enrol());
        parties.Station.Subcommands.Add(SetUpStation.Abandon());
        parties.Station.Subcommands.Add(StationProgram.Create());
    }
}
