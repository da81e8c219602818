using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol.Sealing.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>
/// Seals a package block by block as its contents stream in (docs/spec/provisioning.md §5).
/// </summary>
internal sealed class PackageWriter(Inputs inputs, IChipHost host, Facts facts, IEntropy entropy) : IDisposable
{
    private const int DrawnSize = 32;

    private readonly PackageDigest digest = new();
    private readonly Dictionary<string, long> consumed = [];
    private readonly byte[] sealedBlock = new byte[PackageLayout.MaxSealedBlockSize];
    private readonly byte[] clearBlock =
        GC.AllocateUninitializedArray<byte>(SealPlan.MaxBlockSizeBytes, pinned: true);

    /// <summary>Writes the header over the plan, under a new number.</summary>
    public void Compose(PublicValue item) => facts.Header = PackageHeader.Compose(
        facts.Plan!, facts.Program.Family, facts.Program.Epoch, DrawNumber(item));

    /// <summary>
    /// Seals the asset at hand from an input that holds one asset after the other. Refusals: MissingInput.
    /// </summary>
    public Refusal? Copy(string input, string output, ReadOnlySpan<byte> key)
    {
        var offset = consumed.GetValueOrDefault(input);
        consumed[input] = offset + facts.Asset.SizeBytes;
        if (inputs.SizeOf(input).Refused(out var size, out var missing))
        {
            return missing;
        }

        return size < consumed[input]
            ? new Refusal(Reason.MissingInput, $"input {input} ends before asset {facts.Asset.Ref} does")
            : Seal(output, key, (block, clear) => inputs.TryRead(
                input, offset + (block * (long)facts.Header!.BlockSizeBytes), clear));
    }

    /// <summary>
    /// Seals a slot as the asset at hand. Refusals: Malformed when its size is not the asset's.
    /// </summary>
    public Refusal? Fill(ReadOnlySpan<byte> content, string output, ReadOnlySpan<byte> key)
    {
        if (content.Length != facts.Asset.SizeBytes)
        {
            return new Refusal(Reason.Malformed,
                $"asset {facts.Asset.Ref} has {facts.Asset.SizeBytes} bytes, the slot {content.Length}");
        }

        // At most 1 KiB, so it is always one block.
        content.CopyTo(clearBlock);
        return Seal(output, key, (_, _) => true);
    }

    /// <summary>
    /// P of all that was sealed. Refusals: Malformed when an input has more than the plan says.
    /// </summary>
    public Outcome<Digest> Parts()
    {
        foreach (var (input, size) in consumed)
        {
            if (inputs.SizeOf(input).Refused(out var offered, out var missing))
            {
                return missing;
            }

            if (offered != size)
            {
                return new Refusal(Reason.Malformed, $"input {input} has {offered} bytes, the plan {size}");
            }
        }

        return digest.Finish(facts.Header!.Hash);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(clearBlock);
        digest.Dispose();
    }

    /// <summary>
    /// H(CBOR[item, chip.counter, 32 random bytes])[0..16]. No program decides it: one that could choose the
    /// number could seal other contents under the keys of an earlier package.
    /// </summary>
    private byte[] DrawNumber(PublicValue item)
    {
        Span<byte> drawn = stackalloc byte[DrawnSize];
        entropy.Fill(drawn);
        using var array = new CborWriter(128);
        array.Array(3);
        item.Write(array);
        facts[Fact.ChipCounter].Write(array);
        array.Bytes(drawn);
        return Digest.Of(array.Written).ToArray()[..PackageHeader.PackageIdSize];
    }

    private Refusal? Seal(string output, ReadOnlySpan<byte> key, BlockSource source)
    {
        var header = facts.Header!;
        var blocks = PackageLayout.BlockCount(header, facts.Asset);
        using var partKey = new PartKey(header.Suite, key);
        using var sealer = new PartSealer(partKey);
        for (var i = 0; i < blocks; i++)
        {
            var last = i == blocks - 1;
            var size = PackageLayout.ClearSize(header, facts.Asset, i);
            var clear = clearBlock.AsSpan(0, size);
            if (!source(i, clear))
            {
                return new Refusal(
                    Reason.MissingInput, $"the contents end before asset {facts.Asset.Ref} does");
            }

            var run = sealedBlock.AsSpan(0, PackageLayout.SealedSize(header.Suite, size));
            sealer.Seal(clear, last, run);
            digest.Append(run);
            host.Emit(output, run);
        }

        digest.EndPart();
        return null;
    }

    private delegate bool BlockSource(int block, Span<byte> clear);
}
