using System.Collections.Frozen;
using Keywright.Device.Backup;
using Keywright.Device.Diagnostics;
using Keywright.Device.Firmware;
using Keywright.Device.KeyDownload;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Chip;

/// <summary>One command: what runs, and whether it runs also while a recovery is needed.</summary>
internal sealed record Command(
    string Name, Func<ChipState, IChipHost, Refusal?> Run, bool InRecovery = false);

/// <summary>
/// All that a chip can be asked to do (docs/spec/chip.md §9). What does not stand here does not exist.
/// </summary>
internal static class Commands
{
    public static readonly FrozenDictionary<string, Command> ByName = new Command[]
    {
        new("identify", IdentifyChip.Run, InRecovery: true),
        new("provisioning", RunProgram.Run),
        new(ProgramCommand.Name, ProgramDevice.Run),
        new("receipt", EmitReceipt.Run),
        new("claim", ClaimSoftware.Run),
        new("install", InstallGranted.Run),
        new("decline", InstallGranted.Decline),
        new("refused", CloseRefused.Run),
        new("done", ReportDone.Run),
        new("install-module", InstallModule.Run),
        new("boot-ok", ConfirmBoot.Run),
        new("software", ReportDone.List),
        new("possess", ProvePossession.Run),
        new("certify", TakeCertificate.Run),
        new("backup", BackUpStore.Run),
        new("show-proof", ShowProof.Run),
        new("recover", RecoverStore.Run, InRecovery: true),
        new("dump", CollectDump.Run),
        new("challenge", DrawChallenge.Run),
        new("import-key", ImportApplicationKey.Run),
    }.ToFrozenDictionary(command => command.Name);
}
