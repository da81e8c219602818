using Keywright.Cli.CommandLine;
using Keywright.StationTool;

namespace Keywright.Cli.Provisioning;

/// <summary>The commands of provisioning, by party.</summary>
internal static class ProvisioningCommands
{
    public static void AddTo(Parties parties)
    {
        parties.ChipMaker.Subcommands.Add(ChipMakerInit.Create());
        parties.ChipMaker.Subcommands.Add(ChipMakerProgram.Sign());
        parties.ChipMaker.Subcommands.Add(ChipMakerProgram.Check());
        parties.ChipMaker.Subcommands.Add(ChipMakerFabricate.Create());
        parties.Oem.Subcommands.Add(OemInit.Create());
        parties.Oem.Subcommands.Add(OemSeal.Create());
        parties.Oem.Subcommands.Add(OemSeal.Again());
        parties.Oem.Subcommands.Add(OemUnlock.Create());
        parties.Oem.Subcommands.Add(OemOrder.Create());
        parties.Oem.Subcommands.Add(OemCount.Create());
        LotCommands.AddTo(parties.Station);
        parties.Device.Subcommands.Add(DeviceIdentify.Create());
        parties.Device.Subcommands.Add(DeviceProvision.Create());
        parties.Device.Subcommands.Add(DeviceProvision.Receipt());
    }
}
