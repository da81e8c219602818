using System.CommandLine;
using Keywright.Cli.Backup;
using Keywright.Cli.CommandLine;
using Keywright.Cli.Demo;
using Keywright.Cli.Device;
using Keywright.Cli.Diagnostics;
using Keywright.Cli.Firmware;
using Keywright.Cli.KeyDownload;
using Keywright.Cli.Provisioning;

var root = new RootCommand(
    "Keywright looks after a device's keys from the wafer to the field. Each party has its own commands and its own folder; "
    + "'keywright demo' plays the whole story in one terminal.");
var parties = new Parties();
ProvisioningCommands.AddTo(parties);
ProgrammingCommands.AddTo(parties);
DeliveryCommands.AddTo(parties);
KeyDownloadCommands.AddTo(parties);
DiagnosticsCommands.AddTo(parties);
BackupCommands.AddTo(parties);
parties.AddTo(root);
root.Subcommands.Add(InitOwnSilicon.Create());
root.Subcommands.Add(PlayDemo.Create(root));
root.Subcommands.Add(CrashProgram.Create());
root.Subcommands.Add(ServeChips.Create());
return await Host.RunAsync(root, args);
