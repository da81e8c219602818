using Keywright.Protocol;

namespace Keywright.Site.Firmware;

/// <summary>After-sale lookup (requirement T17): is this one of ours, and where does it come from?</summary>
public sealed class LookUpDevice(IDeviceRegistry registry)
{
    /// <summary>
    /// Finds a device by a device ID or by its chip ID in hex. Refusals: UnknownId, Malformed.
    /// </summary>
    public Outcome<DeviceRecord> Find(string text)
    {
        var found = !ChipId.Parse(text).Refused(out var chip, out _) ? registry.Find(chip) : null;
        if (found is not null)
        {
            return found;
        }

        if (DeviceId.Parse(text).Refused(out var device, out var malformed))
        {
            return malformed;
        }

        return registry.Find(device) is { } known
            ? known
            : new Refusal(Reason.UnknownId, $"no device {device} was ever made here");
    }
}
