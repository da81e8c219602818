using Keywright.Cli.CommandLine;

namespace Keywright.Cli.Diagnostics;

/// <summary>Dumps: the device seals them, their owner opens them.</summary>
internal static class DiagnosticsCommands
{
    public static void AddTo(Parties parties)
    {
        parties.Device.Subcommands.Add(DeviceDump.Create());
        parties.Owner.Subcommands.Add(DiagnosticsKeys.Create());
        parties.Owner.Subcommands.Add(OwnerOpenDump.Create());
    }
}
