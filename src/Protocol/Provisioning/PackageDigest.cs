using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// The digests of a package as it streams by (docs/spec/provisioning.md §5): P = H(CBOR[H(header),
/// [H(part)…]]) is what the tag covers, D = H(CBOR[P, tag]) names the package in orders and receipts. Anyone
/// can compute D; no key is needed.
/// </summary>
public sealed class PackageDigest : IDisposable
{
    private readonly IncrementalHash part = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<Digest> parts = [];

    /// <summary>
    /// D of a whole package. Refusals: Malformed, TooLarge, WrongVersion, WrongAlgorithm, DamagedPackage.
    /// </summary>
    public static Outcome<Digest> Of(ReadOnlySpan<byte> package)
    {
        if (ParseHeader(package).Refused(out var header, out var why))
        {
            return why;
        }

        if (package.Length != PackageLayout.TotalSize(header))
        {
            return new Refusal(Reason.DamagedPackage,
                $"{package.Length} bytes, {PackageLayout.TotalSize(header)} announced");
        }

        using var digest = new PackageDigest();
        for (var i = 0; i < header.Assets.Count; i++)
        {
            var size = (int)PackageLayout.PartSize(header, header.Assets[i]);
            digest.Append(package.Slice((int)PackageLayout.PartOffset(header, i), size));
            digest.EndPart();
        }

        return Name(digest.Finish(header.Hash), package[^PackageLayout.TagSize..]);
    }

    /// <summary>
    /// The header at the front of a package. Refusals: Malformed, TooLarge, WrongVersion, WrongAlgorithm.
    /// </summary>
    public static Outcome<PackageHeader> ParseHeader(ReadOnlySpan<byte> package)
    {
        var size = package.Length < PackageLayout.LengthSize
            ? 0
            : BinaryPrimitives.ReadUInt32BigEndian(package);
        if (size > PackageHeader.MaxSizeBytes)
        {
            return new Refusal(Reason.TooLarge, $"a header of {size} bytes");
        }

        return size == 0 || size > package.Length - PackageLayout.LengthSize
            ? new Refusal(Reason.Malformed, "a package begins with the length of its header and the header")
            : PackageHeader.Parse(package.Slice(PackageLayout.LengthSize, (int)size));
    }

    /// <summary>D = H(CBOR[P, tag]).</summary>
    public static Digest Name(Digest p, ReadOnlySpan<byte> tag) =>
        Digest.Of(CborItem.Array(p, tag.ToArray()));

    /// <summary>Takes the next bytes of the part at hand.</summary>
    public void Append(ReadOnlySpan<byte> sealedBytes) => part.AppendData(sealedBytes);

    /// <summary>The part at hand is complete.</summary>
    public void EndPart()
    {
        Span<byte> hash = stackalloc byte[Digest.Size];
        part.GetHashAndReset(hash);
        parts.Add(new Digest(hash));
    }

    /// <summary>P, once every part has ended.</summary>
    public Digest Finish(Digest headerHash)
    {
        using var writer = new CborWriter((parts.Count + 2) * 40);
        writer.Array(2).Digest(headerHash).Array(parts.Count);
        foreach (var hash in parts)
        {
            writer.Digest(hash);
        }

        return Digest.Of(writer.Written);
    }

    public void Dispose() => part.Dispose();
}
