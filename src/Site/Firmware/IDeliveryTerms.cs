using Keywright.Protocol;

namespace Keywright.Site.Firmware;

/// <summary>What operators lay down, and where each device stands under it.</summary>
public interface IDeliveryTerms
{
    /// <summary>
    /// The conditions of a product; without a word from an operator: <see cref="DeliveryConditions.Once"/>.
    /// </summary>
    DeliveryConditions ConditionsOf(string product);

    void SetConditions(string product, DeliveryConditions conditions);

    /// <summary>
    /// Enables software for one device, or for all; forgets how often it was declined there.
    /// </summary>
    void Enable(Digest manifest, ChipId? chip, DateTimeOffset now);

    /// <summary>Contract or warranty of a device is in force until then.</summary>
    void Cover(ChipId chip, DateTimeOffset until);

    DeviceStanding StandingOf(ChipId chip);
}
