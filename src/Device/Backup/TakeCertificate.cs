using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Backup;

/// <summary>
/// Command "certify" (docs/spec/backup.md §4.2): stores a certificate of this very chip and identity, with
/// its chain. The inputs are "order-key", "issuer" and "certificate". The same again changes nothing.
/// </summary>
internal static class TakeCertificate
{
    /// <summary>
    /// Refusals: MissingInput, TooLarge, those of <see cref="Credential.Judge"/>, WrongLifecycle (no nameplate),
    /// WrongIdentity (another product or device type than the nameplate's), StoreFull.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        var inputs = new Inputs(host);
        if (inputs.Take("order-key", PublicKey.Size).Refused(out var orderKey, out var why)
            || inputs.Take("issuer", Credential.MaxInputBytes).Refused(out var issuer, out why)
            || inputs.Take("certificate", Credential.MaxInputBytes).Refused(out var certificate, out why)
            || Credential.Judge(chip, orderKey, issuer, certificate).Refused(out var credential, out why)
            || Nameplate.Of(chip).Refused(out var nameplate, out why))
        {
            return why;
        }

        var named = credential.Certificate.Content;
        if (nameplate.Product != named.Product || nameplate.DeviceType != named.DeviceType)
        {
            return new Refusal(
                Reason.WrongIdentity, $"a certificate of {named.Product} {named.DeviceType} for a {nameplate.Product} {nameplate.DeviceType}");
        }

        var encoded = credential.Encode();
        if (Stored.Same(chip.Journal, Credential.ObjectName, encoded))
        {
            return null;
        }

        using var transaction = chip.Journal.Begin();
        if (transaction.Put(Credential.ObjectName, encoded) is { } full)
        {
            return full;
        }

        transaction.Commit();
        return null;
    }
}
