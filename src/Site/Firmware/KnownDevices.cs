using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Backup;

namespace Keywright.Site.Firmware;

/// <summary>
/// The registry as delivery asks it: records, their keys, and the identities that certificates enrolled.
/// </summary>
public sealed class KnownDevices(
    IDeviceRegistry registry, ICertificateRegister certificates, IRecordSealer sealer)
{
    /// <summary>The device of this ID; null when no such ID was ever issued.</summary>
    public DeviceRecord? Find(DeviceId device) => registry.Find(device);

    /// <summary>The device with this chip.</summary>
    public DeviceRecord? Find(ChipId chip) => registry.Find(chip);

    /// <summary>
    /// The identity key that must sign this device's claims; null when it has no certificate.
    /// </summary>
    public PublicKey? IdentityOf(DeviceRecord device) => certificates.Find(device.Chip)?.Identity;

    /// <summary>The device's key, which the caller disposes; null when it has none of this kid.</summary>
    public DeviceKey? OpenKey(DeviceRecord device, uint kid) =>
        kid == device.Kid ? device.OpenKey(sealer) : null;

    /// <summary>Notes that the device spoke in the field, with a proof.</summary>
    public void MarkActive(DeviceRecord device, DateTimeOffset now)
    {
        if (device.ActiveAt is null)
        {
            registry.MarkActive(device, now);
        }
    }
}
