using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Opening.Provisioning;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>Takes the bytes of an opened block.</summary>
internal delegate void BlockSink(ReadOnlySpan<byte> clear);

/// <summary>
/// Streams a package twice in the memory of one block (docs/spec/provisioning.md §5): once whole for its
/// digest, once part by part to open it. What comes in the second time is authenticated again, block by
/// block.
/// </summary>
internal sealed class PackageReader(Inputs inputs, Facts facts) : IDisposable
{
    private readonly byte[] sealedBlock = new byte[PackageLayout.MaxSealedBlockSize];
    private readonly byte[] clearBlock =
        GC.AllocateUninitializedArray<byte>(SealPlan.MaxBlockSizeBytes, pinned: true);
    private string input = string.Empty;

    /// <summary>
    /// The header. Refusals: MissingInput, Malformed, TooLarge, WrongVersion, WrongAlgorithm.
    /// </summary>
    public Refusal? ReadHeader(string package)
    {
        input = package;
        if (inputs.SizeOf(package).Refused(out var size, out var missing))
        {
            return missing;
        }

        Span<byte> length = stackalloc byte[PackageLayout.LengthSize];
        if (size < length.Length || !inputs.TryRead(package, 0, length))
        {
            return new Refusal(Reason.Malformed, "a package begins with the length of its header");
        }

        var headerSize = BinaryPrimitives.ReadUInt32BigEndian(length);
        if (headerSize > PackageHeader.MaxSizeBytes)
        {
            return new Refusal(Reason.TooLarge, $"a header of {headerSize} bytes");
        }

        var bytes = new byte[headerSize];
        if (!inputs.TryRead(package, length.Length, bytes))
        {
            return new Refusal(Reason.Malformed, "the package ends within its header");
        }

        if (PackageHeader.Parse(bytes).Refused(out var header, out var why))
        {
            return why;
        }

        facts.Header = header;
        return null;
    }

    /// <summary>
    /// P over the whole package, and its tag as a fact; <paramref name="reason"/> when the package is not
    /// whole.
    /// </summary>
    public Outcome<Digest> Pass(Reason reason)
    {
        var header = facts.Header!;
        if (inputs.SizeOf(input).Refused(out var size, out var missing))
        {
            return missing;
        }

        if (size != PackageLayout.TotalSize(header))
        {
            return new Refusal(
                reason, $"{size} bytes where the header announces {PackageLayout.TotalSize(header)}");
        }

        using var digest = new PackageDigest();
        long offset = PackageLayout.PartOffset(header, 0);
        foreach (var asset in header.Assets)
        {
            for (var end = offset + PackageLayout.PartSize(header, asset); offset < end;)
            {
                var run = sealedBlock.AsSpan(0, (int)Math.Min(sealedBlock.Length, end - offset));
                if (!inputs.TryRead(input, offset, run))
                {
                    return new Refusal(reason, "the package ended early");
                }

                digest.Append(run);
                offset += run.Length;
            }

            digest.EndPart();
        }

        facts.PackageTag = new byte[PackageLayout.TagSize];
        return inputs.TryRead(input, offset, facts.PackageTag)
            ? digest.Finish(header.Hash)
            : new Refusal(reason, "the package ended early");
    }

    /// <summary>
    /// Opens the part of the asset at hand; <paramref name="reason"/> when a block is not the one that was
    /// sealed.
    /// </summary>
    public Refusal? Open(ReadOnlySpan<byte> key, Reason reason, BlockSink sink)
    {
        var header = facts.Header!;
        var asset = facts.Asset;
        var blocks = PackageLayout.BlockCount(header, asset);
        var offset = PackageLayout.PartOffset(header, facts.AssetNumber);
        using var partKey = new PartKey(header.Suite, key);
        using var opener = new PartOpener(partKey);
        for (var i = 0; i < blocks; i++)
        {
            var last = i == blocks - 1;
            var size = PackageLayout.ClearSize(header, asset, i);
            var run = sealedBlock.AsSpan(0, PackageLayout.SealedSize(header.Suite, size));
            var clear = clearBlock.AsSpan(0, size);
            if (!inputs.TryRead(input, offset, run) || !opener.TryOpen(run, last, clear))
            {
                return new Refusal(reason, $"block {i} of asset {asset.Ref} is not the one that was sealed");
            }

            sink(clear);
            offset += run.Length;
        }

        return null;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(clearBlock);
}
