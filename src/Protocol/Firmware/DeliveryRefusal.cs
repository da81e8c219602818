using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// The site's no to a Claim (docs/spec/delivery.md §5): it closes n and spends nothing. M0 under KDF(K_D,
/// "refusal"); at most 256 bytes. Refusals when read: Malformed, TooLarge, WrongVersion.
/// </summary>
/// <param name="Claim">H of the Claim's bytes.</param>
/// <param name="Number">The Claim's n.</param>
/// <param name="Condition">The condition that failed.</param>
public sealed record DeliveryRefusal(
    Digest Claim, ulong Number, FailedCondition Condition) : IMessage<DeliveryRefusal>
{
    public static MessageType Type { get; } = new("refusal", Protection.Mac, 256);

    public void Write(CborWriter writer) =>
        writer.Map(4).Key(0).UInt(1).Key(1).Digest(Claim).Key(2).UInt(Number).Key(3).UInt((uint)Condition);

    public static DeliveryRefusal Read(ref CborReader reader)
    {
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var claim = reader.Digest();
        reader.Key(2);
        var number = reader.Positive(Firmware.Claim.MaxNumber);
        reader.Key(3);
        var condition = (FailedCondition)reader.Positive((uint)FailedCondition.OlderVersion);
        reader.EndMap();

        return new DeliveryRefusal(claim, number, condition);
    }
}

/// <summary>
/// Why the site delivers nothing to a genuine device, in the order in which it looks (docs/spec/delivery.md
/// §6).
/// </summary>
public enum FailedCondition
{
    /// <summary>Nothing in the archive fits this product, device type and device.</summary>
    UnknownSoftware = 1,

    /// <summary>Neither contract nor warranty is in force.</summary>
    NotUnderContract = 2,

    /// <summary>It was delivered to this device before.</summary>
    SecondDelivery = 3,

    /// <summary>An earlier one that this one builds on has not been delivered.</summary>
    PredecessorMissing = 4,

    /// <summary>No operator has enabled it for this device, or it has failed there too often.</summary>
    NotEnabled = 5,

    /// <summary>The device has it already, or a later one.</summary>
    OlderVersion = 6,
}

/// <summary>The reason that a failed condition has in logs and reports.</summary>
public static class FailedConditions
{
    /// <summary>The same name among the reasons.</summary>
    public static Reason Reason(this FailedCondition condition) => condition switch
    {
        FailedCondition.UnknownSoftware => Protocol.Reason.UnknownSoftware,
        FailedCondition.NotUnderContract => Protocol.Reason.NotUnderContract,
        FailedCondition.SecondDelivery => Protocol.Reason.SecondDelivery,
        FailedCondition.PredecessorMissing => Protocol.Reason.PredecessorMissing,
        FailedCondition.NotEnabled => Protocol.Reason.NotEnabled,
        FailedCondition.OlderVersion => Protocol.Reason.OlderVersion,
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };
}
