using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// One line of a package's contents (docs/spec/provisioning.md §4): what it is, under which number it is
/// installed, where, and how many bytes it has. On the wire four unsigned integers: ref, kind, storage, size.
/// </summary>
/// <param name="Ref">1…65535, unique within a package: the key store handle, or the REF of flash object
/// "asset/REF".</param>
/// <param name="Kind">What it is.</param>
/// <param name="Storage">Where it goes.</param>
/// <param name="SizeBytes">Size of the contents in clear.</param>
public readonly record struct Asset(uint Ref, AssetKind Kind, AssetStorage Storage, uint SizeBytes)
{
    /// <summary>The most assets in one package.</summary>
    public const int MaxCount = 64;

    /// <summary>The longest asset that goes to the key store.</summary>
    public const int MaxKeySizeBytes = 1024;

    /// <summary>The longest asset of any kind: 64 MiB.</summary>
    public const int MaxSizeBytes = 64 << 20;

    private const uint MaxRef = ushort.MaxValue;
    private const int FieldCount = 4;

    /// <summary>Whether it is sealed under K_ENCK: keys, seeds, shares, generated secrets.</summary>
    public bool IsSecret => Kind <= AssetKind.Generated;

    /// <summary>
    /// Reads the flat array of a plan or header. Refusals: Malformed, TooLarge; also when kinds are out of
    /// loop order, a ref comes twice, or a kind cannot go to its storage.
    /// </summary>
    internal static Asset[] ReadAll(ref CborReader reader)
    {
        var count = reader.Array(FieldCount, MaxCount * FieldCount);
        if (count % FieldCount != 0)
        {
            reader.Refuse(Reason.Malformed, "an asset is ref, kind, storage and size");
        }

        var assets = new List<Asset>();
        while (!reader.Failed && assets.Count < count / FieldCount)
        {
            var asset = new Asset(
                (uint)reader.Positive(MaxRef),
                (AssetKind)reader.Positive((uint)AssetKind.Data),
                (AssetStorage)reader.Positive((uint)AssetStorage.FlashObject),
                (uint)reader.Positive(MaxSizeBytes));
            if (!reader.Failed && Fault(assets, asset) is { } fault)
            {
                reader.Refuse(Reason.Malformed, fault);
            }

            assets.Add(asset);
        }

        reader.EndArray();
        return [.. assets];
    }

    internal static void WriteAll(CborWriter writer, IReadOnlyList<Asset> assets)
    {
        writer.Array(assets.Count * FieldCount);
        foreach (var asset in assets)
        {
            writer.UInt(asset.Ref).UInt((uint)asset.Kind).UInt((uint)asset.Storage).UInt(asset.SizeBytes);
        }
    }

    private static string? Fault(List<Asset> before, Asset asset)
    {
        if (before.Count > 0 && before[^1].Kind > asset.Kind)
        {
            return $"asset {asset.Ref}: assets stand in the order of their kinds";
        }

        if (before.Exists(other => other.Ref == asset.Ref))
        {
            return $"asset {asset.Ref} comes twice";
        }

        return asset.FitsItsStorage()
            ? null
            : $"asset {asset.Ref}: {asset.Kind} of {asset.SizeBytes} bytes cannot go to {asset.Storage}";
    }

    private bool FitsItsStorage() => Storage switch
    {
        AssetStorage.KeyStore => Kind == AssetKind.Owner
            ? SizeBytes == Keys.PublicKey.Size
            : IsSecret && SizeBytes <= MaxKeySizeBytes,
        AssetStorage.TransportKey => IsSecret && SizeBytes is 16 or 24 or 32,
        AssetStorage.FlashObject => Kind > AssetKind.Owner,
        _ => false,
    };
}

/// <summary>What an asset is; loops of a program run in this order.</summary>
public enum AssetKind
{
    /// <summary>A key that the OEM brought.</summary>
    Key = 1,

    /// <summary>Every chip installs its own key derived from it.</summary>
    Seed = 2,

    /// <summary>A share of a secret.</summary>
    Share = 3,

    /// <summary>
    /// A secret drawn from the OEM's two random halves inside the chip; nobody ever typed it.
    /// </summary>
    Generated = 4,

    /// <summary>The 65-byte public key of a module owner: a trust anchor.</summary>
    Owner = 5,

    /// <summary>A certificate.</summary>
    Certificate = 6,

    /// <summary>A program.</summary>
    Program = 7,

    /// <summary>A configuration.</summary>
    Configuration = 8,

    /// <summary>Any other data.</summary>
    Data = 9,
}

/// <summary>Where an asset is installed.</summary>
public enum AssetStorage
{
    /// <summary>The write-only key store, under handle REF.</summary>
    KeyStore = 1,

    /// <summary>The write-only key store, as a transport key of key download.</summary>
    TransportKey = 2,

    /// <summary>Flash object "asset/REF".</summary>
    FlashObject = 3,
}
