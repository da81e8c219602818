using Keywright.Protocol;

namespace Keywright.Site.Firmware;

/// <summary>The registry of programmed devices, for whoever looks one up.</summary>
public interface IDeviceRegistry
{
    /// <summary>By any of its IDs.</summary>
    DeviceRecord? Find(DeviceId device);

    /// <summary>By its chip.</summary>
    DeviceRecord? Find(ChipId chip);

    /// <summary>Notes the first sign of life in the field; later ones change nothing.</summary>
    void MarkActive(DeviceRecord device, DateTimeOffset at);

    /// <summary>The newest devices, of one station or of all, newest first.</summary>
    IReadOnlyList<DeviceRecord> Made(string? station, int count);
}
