using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Owner.Provisioning;

/// <summary>
/// One asset for a package. <paramref name="Content"/> is empty for generated ones, of which only the size is
/// known.
/// </summary>
public sealed record AssetContent(Asset Asset, ReadOnlyMemory<byte> Content)
{
    /// <summary>An asset that the OEM brings.</summary>
    public static AssetContent Of(
        uint reference, AssetKind kind, AssetStorage storage, ReadOnlyMemory<byte> content) =>
        new(new Asset(reference, kind, storage, (uint)content.Length), content);

    /// <summary>An asset that the chip generates.</summary>
    public static AssetContent Generated(
        uint reference, uint sizeBytes, AssetStorage storage = AssetStorage.KeyStore) =>
        new(new Asset(reference, AssetKind.Generated, storage, sizeBytes), ReadOnlyMemory<byte>.Empty);
}

/// <summary>What a sealing gives: the package for the factory, and D for the order.</summary>
public sealed record SealedPackage(byte[] Package, Digest Digest);

/// <summary>The OEM's two random halves, each sealed to the family; kept in a safe.</summary>
public sealed record Keeps(byte[] Input, byte[] Share);

/// <summary>
/// The OEM seals assets in a provisioning chip, an ordinary chip of the family (docs/spec/provisioning.md
/// §4). It verifies the chip maker's program before it hands anything over. What opens the package is made apart
/// from it: <see cref="UnlockPackage"/>.
/// </summary>
public static class SealPackage
{
    /// <summary>Contents per block unless said otherwise.</summary>
    public const int DefaultBlockSizeBytes = 4096;

    /// <summary>
    /// Seals with a new OEM_RND_INPUT of 16 to 32 bytes. Refusals: those of <see
    /// cref="SignedProgram.Verify"/> and of the chip, which come back as they are.
    /// </summary>
    public static Outcome<(SealedPackage Package, Keeps Keeps)> Run(
        IChip chip,
        ReadOnlyMemory<byte> program,
        PublicKey chipMaker,
        Digest oem,
        IReadOnlyList<AssetContent> assets,
        ReadOnlyMemory<byte> random,
        int blockSizeBytes = DefaultBlockSizeBytes,
        PackageSuite suite = PackageSuite.Gcm,
        PackageMode mode = PackageMode.Family)
    {
        var plan = PlanOf(oem, assets, blockSizeBytes, suite, mode);
        var host = HostOf("seal", program, plan, assets).With("random", random);
        if (Sealed(chip, program, chipMaker, host).Refused(out var package, out var why))
        {
            return why;
        }

        return (package, new Keeps(host.Emitted("keep-input"), host.Emitted("keep-share")));
    }

    /// <summary>
    /// Seals again under the master key of an earlier sealing: generated assets come out bit for bit.
    /// Refusals as above, and KeepMismatch.
    /// </summary>
    public static Outcome<SealedPackage> Again(
        IChip chip,
        ReadOnlyMemory<byte> program,
        PublicKey chipMaker,
        Digest oem,
        IReadOnlyList<AssetContent> assets,
        Keeps keeps,
        int blockSizeBytes = DefaultBlockSizeBytes,
        PackageSuite suite = PackageSuite.Gcm,
        PackageMode mode = PackageMode.Family) =>
        Sealed(
            chip,
            program,
            chipMaker,
            HostOf("regenerate", program, PlanOf(oem, assets, blockSizeBytes, suite, mode), assets)
                .With("keep-input", keeps.Input)
                .With("keep-share", keeps.Share));

    private static Outcome<SealedPackage> Sealed(
        IChip chip, ReadOnlyMemory<byte> program, PublicKey chipMaker, MemoryHost host)
    {
        if (SignedProgram.Verify(program, chipMaker).Refused(out _, out var untrusted))
        {
            return untrusted;
        }

        if (chip.Execute("provisioning", host) is { } refusal)
        {
            return refusal;
        }

        var package = host.Emitted("package");
        return PackageDigest.Of(package).Refused(out var digest, out var broken)
            ? broken
            : new SealedPackage(package, digest);
    }

    private static SealPlan PlanOf(
        Digest oem,
        IReadOnlyList<AssetContent> assets,
        int blockSizeBytes,
        PackageSuite suite,
        PackageMode mode) =>
        new(oem, mode, suite, blockSizeBytes, [.. InLoopOrder(assets).Select(asset => asset.Asset)]);

    private static IEnumerable<AssetContent> InLoopOrder(IReadOnlyList<AssetContent> assets) =>
        assets.OrderBy(asset => asset.Asset.Kind);

    private static MemoryHost HostOf(
        string command, ReadOnlyMemory<byte> program, SealPlan plan, IReadOnlyList<AssetContent> assets)
    {
        var content = new byte[assets.Sum(asset => asset.Content.Length)];
        var offset = 0;
        foreach (var asset in InLoopOrder(assets))
        {
            asset.Content.CopyTo(content.AsMemory(offset));
            offset += asset.Content.Length;
        }

        return new MemoryHost()
            .With("program", program)
            .With("command", Encoding.UTF8.GetBytes(command))
            .With("plan", plan.ToArray())
            .With("content", content);
    }
}
