using Keywright.Cli.CommandLine;

namespace Keywright.Cli.KeyDownload;

/// <summary>The commands of key download, by party.</summary>
internal static class KeyDownloadCommands
{
    public static void AddTo(Parties parties)
    {
        parties.Sam.Subcommands.Add(SetUpSam.Init());
        parties.Sam.Subcommands.Add(SetUpSam.CreateKey());
        parties.Sam.Subcommands.Add(SetUpSam.AddToList());
        parties.Sam.Subcommands.Add(SetUpSam.Authorise());
        parties.Sam.Subcommands.Add(DownloadKeys.Export());
        parties.Sam.Subcommands.Add(DownloadKeys.Confirm());
        parties.Sam.Subcommands.Add(DownloadKeys.ToSet());
        parties.Sam.Subcommands.Add(DownloadKeys.Report());
        parties.Sam.Subcommands.Add(WriteSlotTable.Create());
        parties.Device.Subcommands.Add(AskUnit.Challenge());
        parties.Device.Subcommands.Add(AskUnit.Import());
    }
}
