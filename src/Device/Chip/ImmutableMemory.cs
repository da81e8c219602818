using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>One of the N secret shares that all chips of a family hold: 32 bytes.</summary>
public sealed class FamilyShare(ReadOnlySpan<byte> bytes) : Secret(bytes);

/// <summary>K_OEM_SHARE of the family: 32 bytes.</summary>
public sealed class OemShareKey(ReadOnlySpan<byte> bytes) : Secret(bytes);

/// <summary>K_OEM_MASTER_SHARE of the family: 32 bytes.</summary>
public sealed class OemMasterShareKey(ReadOnlySpan<byte> bytes) : Secret(bytes);

/// <summary>
/// The immutable memory (docs/spec/chip.md §1): what the chip maker wrote into ROM and fuses. Its secrets can
/// be reached from inside Device alone; <see cref="Write"/> exists for the driver that stands for the die.
/// </summary>
public sealed class ImmutableMemory : IDisposable
{
    /// <summary>The longest family name in UTF-8 bytes.</summary>
    public const int MaxFamily = 32;

    /// <summary>The most shares a family has; the fewest is 2.</summary>
    public const int MaxShares = 8;

    private const int SecretSize = 32;

    private readonly Lazy<PublicKey> chipMaker;

    /// <summary>Takes ownership of the secrets.</summary>
    public ImmutableMemory(
        ChipId chipId,
        string family,
        uint lot,
        ReadOnlySpan<byte> chipMakerKey65,
        IReadOnlyList<FamilyShare> shares,
        OemShareKey oemShareKey,
        OemMasterShareKey oemMasterShareKey,
        Digest? lockedToOem = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shares.Count, 2, nameof(shares));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shares.Count, MaxShares, nameof(shares));
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            chipMakerKey65.Length, PublicKey.Size, nameof(chipMakerKey65));
        if (shares.Any(share => share.Length != SecretSize)
            || oemShareKey.Length != SecretSize || oemMasterShareKey.Length != SecretSize)
        {
            throw new ArgumentException("Shares and share keys have 32 bytes.", nameof(shares));
        }

        ChipId = chipId;
        Family = family;
        Lot = lot;
        ChipMakerKey = chipMakerKey65.ToArray();
        Shares = shares;
        OemShareKey = oemShareKey;
        OemMasterShareKey = oemMasterShareKey;
        LockedToOem = lockedToOem;
        chipMaker = new Lazy<PublicKey>(() => PublicKey.Parse(ChipMakerKey.Span).OrThrow());
    }

    public ChipId ChipId { get; }

    /// <summary>Name of the family, at most 32 bytes of UTF-8.</summary>
    public string Family { get; }

    public uint Lot { get; }

    /// <summary>The 65 bytes of the chip maker's P-256 key.</summary>
    public ReadOnlyMemory<byte> ChipMakerKey { get; }

    /// <summary>The chip maker's key: verifies provisioning programs and chip lists.</summary>
    public PublicKey ChipMaker => chipMaker.Value;

    /// <summary>H of the OEM key that the chip was locked to at its birth, if it was.</summary>
    public Digest? LockedToOem { get; }

    internal IReadOnlyList<FamilyShare> Shares { get; }

    internal OemShareKey OemShareKey { get; }

    internal OemMasterShareKey OemMasterShareKey { get; }

    /// <summary>
    /// CBOR: {0: 1, 1: chip ID, 2: family, 3: lot, 4: chip maker's key, 5: [2*8 share], 6: K_OEM_SHARE,
    /// 7: K_OEM_MASTER_SHARE, ? 8: H(OEM key)}.
    /// </summary>
    public void Write(CborWriter writer)
    {
        writer.Map(LockedToOem is null ? 8 : 9).Key(0).UInt(1);
        writer.Key(1).Bytes(ChipId.ToArray()).Key(2).Text(Family).Key(3).UInt(Lot);
        writer.Key(4).Bytes(ChipMakerKey.Span).Key(5).Array(Shares.Count);
        foreach (var share in Shares)
        {
            writer.Bytes(share.Expose());
        }

        writer.Key(6).Bytes(OemShareKey.Expose()).Key(7).Bytes(OemMasterShareKey.Expose());
        if (LockedToOem is { } oem)
        {
            writer.Key(8).Digest(oem);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Outcome<ImmutableMemory> Read(ReadOnlySpan<byte> encoded)
    {
        var reader = new CborReader(encoded);
        reader.Map(9);
        reader.Version(1);
        reader.Key(1);
        var chipId = ChipId.Read(ref reader);
        reader.Key(2);
        var family = reader.Text(1, MaxFamily);
        reader.Key(3);
        var lot = reader.UInt32();
        reader.Key(4);
        var chipMaker = reader.Bytes(PublicKey.Size);
        reader.Key(5);
        var shares = new List<FamilyShare>();
        for (var count = reader.Array(2, MaxShares); count > 0; count--)
        {
            shares.Add(new FamilyShare(reader.Bytes(SecretSize)));
        }

        reader.EndArray();
        reader.Key(6);
        var oemShareKey = new OemShareKey(reader.Bytes(SecretSize));
        reader.Key(7);
        var oemMasterShareKey = new OemMasterShareKey(reader.Bytes(SecretSize));
        Digest? lockedTo = reader.TryKey(8) ? reader.Digest() : null;
        reader.EndMap();
        if (reader.Finish() is { } why)
        {
            shares.ForEach(share => share.Dispose());
            oemShareKey.Dispose();
            oemMasterShareKey.Dispose();
            return why;
        }

        return new ImmutableMemory(
            chipId, family, lot, chipMaker, shares, oemShareKey, oemMasterShareKey, lockedTo);
    }

    /// <summary>Wipes the secrets.</summary>
    public void Dispose()
    {
        foreach (var share in Shares)
        {
            share.Dispose();
        }

        OemShareKey.Dispose();
        OemMasterShareKey.Dispose();
    }
}
