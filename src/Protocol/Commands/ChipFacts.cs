using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Commands;

/// <summary>
/// What the command "identify" emits as "facts" (docs/spec/chip.md §9.1). Unsigned: a hint for stations and
/// tools, never evidence. CBOR: {0: 1, 1: chip ID, 2: family, 3: lot, 4: lifecycle stage in small letters, 5:
/// identity pub, 6: kem pub, 7: i, 8: a, 9: number of the store in flash, 10: recovery needed, ? 11: H(OEM
/// key), ? 12: H(device identity)}. Refusals: Malformed, TooLarge, WrongVersion, UnknownKey.
/// </summary>
public sealed record ChipFacts
{
    private const int MaxFamily = 32;
    private const int MaxStage = 16;

    public required ChipId ChipId { get; init; }

    public required string Family { get; init; }

    public required uint Lot { get; init; }

    /// <summary>blank, provisioned, personalised, fielded or retired.</summary>
    public required string Stage { get; init; }

    /// <summary>Verifies what the chip signs.</summary>
    public required PublicKey Identity { get; init; }

    /// <summary>Seals to the chip.</summary>
    public required HpkePublicKey Kem { get; init; }

    /// <summary>Store number i.</summary>
    public required ulong StoreIssued { get; init; }

    /// <summary>Store number a.</summary>
    public required ulong StoreShown { get; init; }

    /// <summary>Number of the key store in flash; meaningless while a recovery is needed.</summary>
    public required ulong StoreNumber { get; init; }

    public required bool RecoveryNeeded { get; init; }

    /// <summary>H of the OEM's key, once provisioned.</summary>
    public Digest? Owner { get; init; }

    /// <summary>H(device identity), once personalised.</summary>
    public Digest? DeviceIdentity { get; init; }

    public byte[] Encode()
    {
        using var writer = new CborWriter(384);
        writer.Map(11 + (Owner is null ? 0 : 1) + (DeviceIdentity is null ? 0 : 1)).Key(0).UInt(1);
        writer.Key(1).Bytes(ChipId.ToArray()).Key(2).Text(Family).Key(3).UInt(Lot).Key(4).Text(Stage);
        writer.Key(5).Bytes(Identity.Bytes).Key(6).Bytes(Kem.Bytes);
        writer.Key(7).UInt(StoreIssued).Key(8).UInt(StoreShown).Key(9).UInt(StoreNumber);
        writer.Key(10).Bool(RecoveryNeeded);
        if (Owner is { } owner)
        {
            writer.Key(11).Digest(owner);
        }

        if (DeviceIdentity is { } identity)
        {
            writer.Key(12).Digest(identity);
        }

        return writer.ToArray();
    }

    public static Outcome<ChipFacts> Parse(ReadOnlySpan<byte> encoded)
    {
        var reader = new CborReader(encoded);
        reader.Map(13);
        reader.Version(1);
        reader.Key(1);
        var chipId = ChipId.Read(ref reader);
        reader.Key(2);
        var family = reader.Text(1, MaxFamily);
        reader.Key(3);
        var lot = reader.UInt32();
        reader.Key(4);
        var stage = reader.Text(1, MaxStage);
        reader.Key(5);
        var identity = PublicKey.Read(ref reader);
        reader.Key(6);
        var kem = HpkePublicKey.Read(ref reader);
        var issued = Number(ref reader, 7);
        var shown = Number(ref reader, 8);
        var number = Number(ref reader, 9);
        reader.Key(10);
        var recoveryNeeded = reader.Bool();
        Digest? owner = reader.TryKey(11) ? reader.Digest() : null;
        Digest? deviceIdentity = reader.TryKey(12) ? reader.Digest() : null;
        reader.EndMap();
        if (reader.Finish() is { } why)
        {
            return why;
        }

        return new ChipFacts
        {
            ChipId = chipId,
            Family = family,
            Lot = lot,
            Stage = stage,
            Identity = identity,
            Kem = kem,
            StoreIssued = issued,
            StoreShown = shown,
            StoreNumber = number,
            RecoveryNeeded = recoveryNeeded,
            Owner = owner,
            DeviceIdentity = deviceIdentity,
        };
    }

    private static ulong Number(ref CborReader reader, int key)
    {
        reader.Key(key);
        return reader.UInt(ulong.MaxValue);
    }
}
