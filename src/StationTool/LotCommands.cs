using System.CommandLine;

namespace Keywright.StationTool;

/// <summary>
/// A station's commands for a lot. They are all of <c>keywright-station</c>, which a factory gets, and a part of
/// <c>keywright station</c>, where all parties are on one machine.
/// </summary>
public static class LotCommands
{
    public static void AddTo(Command station)
    {
        station.Subcommands.Add(ProvisionCommand.Create());
        station.Subcommands.Add(RemoveCommands.Scrap());
        station.Subcommands.Add(RemoveCommands.Return());
        station.Subcommands.Add(ReportCommand.Create());
    }
}
