using Keywright.Protocol;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>The record of all claims and how they ended. One conditional write decides every race.</summary>
public interface IDeliveryLedger
{
    /// <summary>
    /// The chip's record, with the entries at <paramref name="number"/> and the one before; a fresh one when
    /// new.
    /// </summary>
    DeliveryRecord Load(ChipId chip, ulong number);

    /// <summary>
    /// Writes all of a change if the record is still at the revision that was judged; else false, and
    /// nothing.
    /// </summary>
    bool Commit(DeliveryRecord judged, DeliveryChange change);

    /// <summary>The chip and number that a Grant was given for; null when no Grant has this digest.</summary>
    GrantedNumber? FindGrant(Digest grant);

    /// <summary>Lets a held device go on after an operator's decision.</summary>
    void Release(ChipId chip);
}

/// <summary>Where a Grant belongs.</summary>
public sealed record GrantedNumber(ChipId Chip, ulong Number);

/// <summary>What one message changes in a record.</summary>
public sealed record DeliveryChange
{
    /// <summary>The Done that closes an open number.</summary>
    public ClosedNumber? Closes { get; init; }

    /// <summary>The number that is claimed and answered, with the claim's bytes.</summary>
    public ClaimedNumber? Claims { get; init; }

    /// <summary>What stands on the device now, by its own word; null: nothing was said.</summary>
    public IReadOnlyList<Installed>? Installed { get; init; }

    /// <summary>The message that forked: it is kept as evidence and the device is held.</summary>
    public ForkEvidence? Fork { get; init; }

    /// <summary>The place of the next claim afterwards.</summary>
    public required ulong Next { get; init; }

    /// <summary>What it will hang on; zero while a Grant is open.</summary>
    public required Digest Prev { get; init; }
}

/// <summary>A number closed by its Done.</summary>
public sealed record ClosedNumber(
    ulong Number,
    DeliveryState State,
    Digest Digest,
    ReadOnlyMemory<byte> Done,
    Digest Manifest,
    DateTimeOffset Time);

/// <summary>A number taken by a claim, and its stored answer.</summary>
public sealed record ClaimedNumber(DeliveryEntry Entry, ReadOnlyMemory<byte> Claim);

/// <summary>A message that cannot come from the device that the record knows.</summary>
public sealed record ForkEvidence(ulong Number, ReadOnlyMemory<byte> Message, DateTimeOffset Time);
