using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>One device in the registry: chip ID ↔ device IDs ↔ K_D, and where it comes from (requirements T01, T07, T17).</summary>
public sealed record DeviceRecord
{
    public required RecordId Id { get; init; }

    public required ChipId Chip { get; init; }

    /// <summary>Its IDs; the first is its identity.</summary>
    public required IReadOnlyList<DeviceId> Devices { get; init; }

    /// <summary>Names the device key.</summary>
    public required uint Kid { get; init; }

    /// <summary>K_D as <see cref="IRecordSealer"/> sealed it, in <see cref="KeyContext"/>.</summary>
    public required ReadOnlyMemory<byte> SealedKey { get; init; }

    public required string Product { get; init; }

    public required string DeviceType { get; init; }

    /// <summary>H(Order) that its chip was provisioned under.</summary>
    public required Digest Order { get; init; }

    /// <summary>The station that programmed it.</summary>
    public required string Station { get; init; }

    /// <summary>Where that station stands.</summary>
    public required string Factory { get; init; }

    /// <summary>j of the Take it was programmed with.</summary>
    public required uint Turn { get; init; }

    /// <summary>H(Take).</summary>
    public required Digest Take { get; init; }

    /// <summary>The bootloader in its File.</summary>
    public required RecordId Bootloader { get; init; }

    /// <summary>When its File was decided.</summary>
    public required DateTimeOffset ProgrammedAt { get; init; }

    /// <summary>When it first proved in the field that it has its key; null before.</summary>
    public DateTimeOffset? ActiveAt { get; init; }

    /// <summary>["device key", chip ID, kid]: the place of this key in the database.</summary>
    public static byte[] KeyContext(ChipId chip, uint kid) => CborItem.Array("device key", chip, kid);

    /// <summary>K_D; the caller disposes it.</summary>
    public DeviceKey OpenKey(IRecordSealer sealer) =>
        sealer.Open<DeviceKey>(SealedKey.Span, KeyContext(Chip, Kid));
}
