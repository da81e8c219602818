using Keywright.Cli.CommandLine;

namespace Keywright.Cli.Firmware;

/// <summary>Modules and deliveries on the command line.</summary>
internal static class DeliveryCommands
{
    public static void AddTo(Parties parties)
    {
        parties.Owner.Subcommands.Add(OwnerModule.Init());
        parties.Owner.Subcommands.Add(OwnerModule.Sign());
        parties.Site.Subcommands.Add(SiteDelivery.AddSoftware());
        parties.Site.Subcommands.Add(SiteDelivery.SetTerms());
        parties.Site.Subcommands.Add(SiteDelivery.AnswerClaim());
        parties.Site.Subcommands.Add(SiteDelivery.TakeDone());
        parties.Site.Subcommands.Add(SiteDelivery.Deliveries());
        parties.Device.Subcommands.Add(DeviceDelivery.Claim());
        parties.Device.Subcommands.Add(DeviceDelivery.Install());
        parties.Device.Subcommands.Add(DeviceDelivery.InstallModule());
        parties.Device.Subcommands.Add(DeviceDelivery.Update());
        parties.Device.Subcommands.Add(DeviceDelivery.Software());
        parties.Device.Subcommands.Add(DeviceDelivery.BootOk());
    }
}
