using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// The clear beginning of a package (docs/spec/provisioning.md §4): whose it is, for which family, how its
/// parts are sealed, and what they are. Its hash enters every key that opens a part.
/// </summary>
public sealed record PackageHeader(
    Digest Oem,
    string Family,
    PackageMode Mode,
    uint Epoch,
    ReadOnlyMemory<byte> Package,
    PackageSuite Suite,
    int BlockSizeBytes,
    IReadOnlyList<Asset> Assets)
{
    /// <summary>The longest header.</summary>
    public const int MaxSizeBytes = 4096;

    /// <summary>Size of the package's own number.</summary>
    public const int PackageIdSize = 16;

    private const uint Version = 1;

    /// <summary>The bytes as read or made.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>H(header).</summary>
    public Digest Hash => Digest.Of(Bytes.Span);

    /// <summary>Reads the map. Refusals: Malformed, TooLarge, WrongVersion, WrongAlgorithm.</summary>
    public static Outcome<PackageHeader> Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        reader.Map(9);
        reader.Version(Version);
        reader.Key(1);
        var oem = reader.Digest();
        reader.Key(2);
        var family = ShortText.Read(ref reader);
        reader.Key(3);
        var mode = SealPlan.ReadMode(ref reader);
        reader.Key(4);
        var epoch = reader.UInt32();
        reader.Key(5);
        var package = reader.Bytes(PackageIdSize).ToArray();
        reader.Key(6);
        var suite = SealPlan.ReadSuite(ref reader);
        reader.Key(7);
        var blockSize = SealPlan.ReadBlockSize(ref reader);
        reader.Key(8);
        var assets = Asset.ReadAll(ref reader);
        reader.EndMap();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        return new PackageHeader(oem, family, mode, epoch, package, suite, blockSize, assets)
        {
            Bytes = bytes.ToArray(),
        };
    }

    /// <summary>The header that a chip writes over a plan.</summary>
    public static PackageHeader Compose(
        SealPlan plan, string family, uint epoch, ReadOnlySpan<byte> package16)
    {
        using var writer = new CborWriter(512);
        writer.Map(9)
            .Key(0).UInt(Version)
            .Key(1).Digest(plan.Oem)
            .Key(2).Text(family)
            .Key(3).UInt((uint)plan.Mode)
            .Key(4).UInt(epoch)
            .Key(5).Bytes(package16)
            .Key(6).UInt((uint)plan.Suite)
            .Key(7).UInt((uint)plan.BlockSizeBytes)
            .Key(8);
        Asset.WriteAll(writer, plan.Assets);
        return new PackageHeader(
            plan.Oem,
            family,
            plan.Mode,
            epoch,
            package16.ToArray(),
            plan.Suite,
            plan.BlockSizeBytes,
            plan.Assets)
        {
            Bytes = writer.ToArray(),
        };
    }
}

/// <summary>Who can open a package.</summary>
public enum PackageMode
{
    /// <summary>Every chip of the family that gets the one unlock.</summary>
    Family = 1,

    /// <summary>Only chips that an unlock was made for.</summary>
    Chip = 2,
}

/// <summary>How the blocks of a part are sealed.</summary>
public enum PackageSuite
{
    /// <summary>AES-256-GCM.</summary>
    Gcm = 1,

    /// <summary>AES-256-CCM.</summary>
    Ccm = 2,

    /// <summary>AES-256-CBC, then AES-CMAC.</summary>
    CbcCmac = 3,
}
