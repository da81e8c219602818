using System.Buffers.Binary;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// Where everything stands in a package (docs/spec/provisioning.md §5): header length (4 bytes, big-endian) ‖
/// header ‖ parts ‖ tag. A part is its asset in blocks, each with its own tag.
/// </summary>
public static class PackageLayout
{
    /// <summary>Size of the header's length.</summary>
    public const int LengthSize = 4;

    /// <summary>Size of the package's tag (AES-CMAC).</summary>
    public const int TagSize = 16;

    /// <summary>Size of the tag at the end of each sealed block.</summary>
    public const int BlockTagSize = 16;

    /// <summary>The longest sealed block of any suite: 16 KiB, a whole block of padding, the tag.</summary>
    public const int MaxSealedBlockSize = SealPlan.MaxBlockSizeBytes + CipherBlockSize + BlockTagSize;

    /// <summary>Size of the nonce of a block.</summary>
    public const int NonceSize = 12;

    private const int CipherBlockSize = 16;

    /// <summary>Header length ‖ header.</summary>
    public static byte[] Framed(PackageHeader header)
    {
        var framed = new byte[LengthSize + header.Bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, header.Bytes.Length);
        header.Bytes.Span.CopyTo(framed.AsSpan(LengthSize));
        return framed;
    }

    /// <summary>How many blocks an asset has.</summary>
    public static int BlockCount(PackageHeader header, Asset asset) =>
        (int)((asset.SizeBytes + (uint)header.BlockSizeBytes - 1) / (uint)header.BlockSizeBytes);

    /// <summary>Contents of a block, counted from 0: the block size, the rest in the last one.</summary>
    public static int ClearSize(PackageHeader header, Asset asset, int block) =>
        (int)Math.Min(header.BlockSizeBytes, asset.SizeBytes - (block * (long)header.BlockSizeBytes));

    /// <summary>
    /// What a suite makes of a block: the tag is added, and before it by CBC 1 to 16 bytes of padding.
    /// </summary>
    public static int SealedSize(PackageSuite suite, int clearSize) =>
        BlockTagSize + (suite == PackageSuite.CbcCmac
            ? ((clearSize / CipherBlockSize) + 1) * CipherBlockSize
            : clearSize);

    /// <summary>Size of a part in bytes.</summary>
    public static long PartSize(PackageHeader header, Asset asset)
    {
        var full = BlockCount(header, asset) - 1;
        return ((long)full * SealedSize(header.Suite, header.BlockSizeBytes))
            + SealedSize(header.Suite, ClearSize(header, asset, full));
    }

    /// <summary>
    /// Where part <paramref name="number"/> begins, counted from 0; with the number of parts: where the tag
    /// does.
    /// </summary>
    public static long PartOffset(PackageHeader header, int number)
    {
        long offset = LengthSize + header.Bytes.Length;
        for (var i = 0; i < number; i++)
        {
            offset += PartSize(header, header.Assets[i]);
        }

        return offset;
    }

    /// <summary>Size of the whole package.</summary>
    public static long TotalSize(PackageHeader header) => PartOffset(header, header.Assets.Count) + TagSize;

    /// <summary>Block number (11 bytes, big-endian) ‖ 1 for the last block of the part, else 0.</summary>
    public static void WriteNonce(int block, bool last, Span<byte> nonce12)
    {
        nonce12.Clear();
        BinaryPrimitives.WriteInt32BigEndian(nonce12[7..], block);
        nonce12[11] = last ? (byte)1 : (byte)0;
    }
}
