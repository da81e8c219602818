using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// What the OEM hands to its provisioning chip beside the contents (docs/spec/provisioning.md §4): whose
/// package it will be and what goes into it. Not secret, not signed: the chip writes the header over it.
/// </summary>
/// <param name="Oem">H of the OEM's order key.</param>
/// <param name="Mode">Who shall be able to open it.</param>
/// <param name="Suite">How blocks are sealed.</param>
/// <param name="BlockSizeBytes">1–16 KiB, in whole KiB.</param>
/// <param name="Assets">What goes in, in loop order.</param>
public sealed record SealPlan(
    Digest Oem, PackageMode Mode, PackageSuite Suite, int BlockSizeBytes, IReadOnlyList<Asset> Assets)
{
    /// <summary>The longest plan.</summary>
    public const int MaxSizeBytes = PackageHeader.MaxSizeBytes - 128;

    /// <summary>The longest block.</summary>
    public const int MaxBlockSizeBytes = 16384;

    private const uint Version = 1;
    private const int MinBlockSizeBytes = 1024;

    /// <summary>Reads the map. Refusals: Malformed, TooLarge, WrongVersion, WrongAlgorithm.</summary>
    public static Outcome<SealPlan> Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        reader.Map(6);
        reader.Version(Version);
        reader.Key(1);
        var oem = reader.Digest();
        reader.Key(2);
        var mode = ReadMode(ref reader);
        reader.Key(3);
        var suite = ReadSuite(ref reader);
        reader.Key(4);
        var blockSize = ReadBlockSize(ref reader);
        reader.Key(5);
        var assets = Asset.ReadAll(ref reader);
        reader.EndMap();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        return new SealPlan(oem, mode, suite, blockSize, assets);
    }

    /// <summary>Writes the map.</summary>
    public byte[] ToArray()
    {
        using var writer = new CborWriter(512);
        writer.Map(6)
            .Key(0).UInt(Version)
            .Key(1).Digest(Oem)
            .Key(2).UInt((uint)Mode)
            .Key(3).UInt((uint)Suite)
            .Key(4).UInt((uint)BlockSizeBytes)
            .Key(5);
        Asset.WriteAll(writer, Assets);
        return writer.ToArray();
    }

    internal static PackageMode ReadMode(ref CborReader reader)
    {
        var mode = (PackageMode)Math.Min(reader.UInt(ulong.MaxValue), byte.MaxValue);
        if (!reader.Failed && mode is not (PackageMode.Family or PackageMode.Chip))
        {
            reader.Refuse(Reason.Malformed, $"mode {mode}");
        }

        return mode;
    }

    internal static PackageSuite ReadSuite(ref CborReader reader)
    {
        var suite = (PackageSuite)Math.Min(reader.UInt(ulong.MaxValue), byte.MaxValue);
        if (!reader.Failed && suite is < PackageSuite.Gcm or > PackageSuite.CbcCmac)
        {
            reader.Refuse(Reason.WrongAlgorithm, $"suite {suite}");
        }

        return suite;
    }

    internal static int ReadBlockSize(ref CborReader reader)
    {
        var size = (int)reader.UInt32(MaxBlockSizeBytes);
        if (!reader.Failed && (size < MinBlockSizeBytes || size % MinBlockSizeBytes != 0))
        {
            reader.Refuse(Reason.Malformed, $"blocks of {size} bytes: they have 1 to 16 KiB");
        }

        return size;
    }
}
