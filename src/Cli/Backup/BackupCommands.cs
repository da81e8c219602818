using Keywright.Cli.CommandLine;

namespace Keywright.Cli.Backup;

/// <summary>The commands of identity, backup, directory and recovery, by party.</summary>
internal static class BackupCommands
{
    public static void AddTo(Parties parties)
    {
        parties.Oem.Subcommands.Add(OemIssuer.Create());
        parties.Directory.Subcommands.Add(KeepDirectory.Init());
        parties.Directory.Subcommands.Add(KeepDirectory.Admit());
        parties.Directory.Subcommands.Add(KeepDirectory.Publish());
        DirectoryCommands.AddTo(parties);
        parties.Station.Subcommands.Add(StationField.Create());
        parties.Station.Subcommands.Add(StationField.PublishBackup());
        parties.Device.Subcommands.Add(DeviceBackup.Create());
        parties.Device.Subcommands.Add(DeviceBackup.ShowProof());
        parties.Device.Subcommands.Add(DeviceRecover.Create());
        parties.Device.Subcommands.Add(DeviceBackup.WipeFlash());
    }
}
