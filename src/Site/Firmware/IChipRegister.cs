using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Site.Firmware;

/// <summary>Orders, and the chips that were counted under them.</summary>
public interface IChipRegister
{
    /// <summary>Learns an order and chips counted under it, all of it or nothing; gives how many chips are new.</summary>
    /// <remarks>Chips that are known are left as they are: the caller judges them before.</remarks>
    int Learn(ProductionOrder order, IReadOnlyList<LearntChip> chips, DateTimeOffset at);

    ProductionOrder? FindOrder(Digest order);

    LearntChip? FindChip(ChipId chip);

    /// <summary>All orders with their counts.</summary>
    IReadOnlyList<OrderCount> Counts();
}

/// <summary>What the site needs of an Order.</summary>
/// <param name="Digest">H(Order).</param>
/// <param name="Name">The order's id, for people.</param>
/// <param name="Product">What is made.</param>
/// <param name="Factory">Where.</param>
/// <param name="Quota">How many chips were ordered.</param>
public sealed record ProductionOrder(Digest Digest, string Name, string Product, string Factory, uint Quota);

/// <summary>A chip as its counted receipt describes it.</summary>
/// <param name="Chip">Its chip ID.</param>
/// <param name="Identity">Verifies what it signs.</param>
/// <param name="Kem">Seals to it.</param>
/// <param name="Order">H of the order that it was provisioned under.</param>
public sealed record LearntChip(ChipId Chip, PublicKey Identity, HpkePublicKey Kem, Digest Order);

/// <summary>An order in numbers (requirement T17).</summary>
/// <param name="Order">The order; its quota is what was ordered.</param>
/// <param name="Provisioned">Chips whose receipts were counted.</param>
/// <param name="Programmed">Devices that were given ID, key and program.</param>
/// <param name="Active">Devices that spoke in the field.</param>
public sealed record OrderCount(ProductionOrder Order, int Provisioned, int Programmed, int Active);
