using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>One of a family's secrets: a share, K_OEM_SHARE or K_OEM_MASTER_SHARE; 32 bytes.</summary>
public sealed class FamilySecret(ReadOnlySpan<byte> bytes) : Secret(bytes)
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;
}

/// <summary>
/// The family record of the chip maker (docs/spec/provisioning.md §1): what every chip of the family holds in
/// immutable memory. Keep it as the secret that it is.
/// </summary>
public sealed class ChipFamily : IDisposable
{
    /// <summary>The fewest and the most shares.</summary>
    public const int MinShares = 2;

    public const int MaxShares = 8;

    private readonly FamilySecret[] shares;
    private readonly FamilySecret oemShare;
    private readonly FamilySecret oemMasterShare;

    private ChipFamily(
        string name,
        PublicKey chipMaker,
        FamilySecret[] shares,
        FamilySecret oemShare,
        FamilySecret oemMasterShare)
    {
        Name = name;
        ChipMaker = chipMaker;
        this.shares = shares;
        this.oemShare = oemShare;
        this.oemMasterShare = oemMasterShare;
    }

    public string Name { get; }

    /// <summary>K_PUK_ICM_PROV: verifies programs and chip lists.</summary>
    public PublicKey ChipMaker { get; }

    /// <summary>How many shares its chips hold.</summary>
    public int ShareCount => shares.Length;

    /// <summary>Creates a family with new random secrets.</summary>
    public static ChipFamily Create(string name, int shareCount, PublicKey chipMaker, IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shareCount, MinShares);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shareCount, MaxShares);
        if (!ShortText.IsValid(name))
        {
            throw new ArgumentException(
                "A family's name has 1 to 32 printable ASCII characters.", nameof(name));
        }

        var shares = Enumerable.Range(0, shareCount).Select(_ => Draw(entropy)).ToArray();
        return new ChipFamily(name, chipMaker, shares, Draw(entropy), Draw(entropy));
    }

    /// <summary>Reads a record. Refusals: Malformed, TooLarge, WrongVersion, UnknownKey.</summary>
    public static Outcome<ChipFamily> Parse(ReadOnlySpan<byte> record)
    {
        var reader = new CborReader(record);
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        var name = reader.Text(1, ShortText.MaxLength);
        reader.Key(2);
        var chipMaker = PublicKey.Read(ref reader);
        reader.Key(3);
        var shares = new FamilySecret[reader.Array(MinShares, MaxShares)];
        for (var i = 0; i < shares.Length; i++)
        {
            shares[i] = new FamilySecret(reader.Bytes(FamilySecret.Size));
        }

        reader.EndArray();
        reader.Key(4);
        var oemShare = new FamilySecret(reader.Bytes(FamilySecret.Size));
        reader.Key(5);
        var oemMasterShare = new FamilySecret(reader.Bytes(FamilySecret.Size));
        reader.EndMap();
        return reader.Finish() is { } malformed
            ? malformed
            : new ChipFamily(name, chipMaker, shares, oemShare, oemMasterShare);
    }

    /// <summary>
    /// The record; the caller wipes it. {0: 1, 1: name, 2: key, 3: [2*8 share], 4: K_OEM_SHARE, 5:
    /// K_OEM_MASTER_SHARE}
    /// </summary>
    public byte[] ToArray()
    {
        using var writer = new CborWriter(512);
        writer.Map(6).Key(0).UInt(1).Key(1).Text(Name).Key(2).Bytes(ChipMaker.Bytes).Key(3);
        WriteSecrets(writer, 4);
        return writer.ToArray();
    }

    /// <summary>
    /// What goes into the immutable memory of one chip (docs/spec/chip.md §1); the caller wipes it.
    /// <paramref name="lockedTo"/> binds the chip to one OEM from birth on.
    /// </summary>
    public byte[] ImmutableMemoryOf(ChipId chip, uint lot, Digest? lockedTo = null)
    {
        using var writer = new CborWriter(512);
        writer.Map(lockedTo is null ? 8 : 9).Key(0).UInt(1);
        writer.Key(1).Bytes(chip.ToArray()).Key(2).Text(Name).Key(3).UInt(lot);
        writer.Key(4).Bytes(ChipMaker.Bytes).Key(5);
        WriteSecrets(writer, 6);
        if (lockedTo is { } oem)
        {
            writer.Key(8).Digest(oem);
        }

        return writer.ToArray();
    }

    public void Dispose()
    {
        foreach (var share in shares)
        {
            share.Dispose();
        }

        oemShare.Dispose();
        oemMasterShare.Dispose();
    }

    private void WriteSecrets(CborWriter writer, int nextKey)
    {
        writer.Array(shares.Length);
        foreach (var share in shares)
        {
            writer.Bytes(share.Expose());
        }

        writer.Key(nextKey).Bytes(oemShare.Expose()).Key(nextKey + 1).Bytes(oemMasterShare.Expose());
    }

    private static FamilySecret Draw(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[FamilySecret.Size];
        entropy.Fill(bytes);
        var secret = new FamilySecret(bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }
}
