using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Protocol.Sealing.Provisioning;

/// <summary>
/// Seals the blocks of one part in order (docs/spec/provisioning.md §5), in the suite of its key. The key
/// serves this part alone, so a nonce of block number and end mark never comes twice.
/// </summary>
public sealed class PartSealer : IDisposable
{
    private readonly PartCipher cipher;
    private int block;

    public PartSealer(PartKey key) => cipher = PartCipher.Of(key);

    /// <summary>
    /// Seals the next block into <paramref name="sealedBlock"/>, of <see cref="PackageLayout.SealedSize"/> bytes.
    /// </summary>
    public void Seal(ReadOnlySpan<byte> clear, bool last, Span<byte> sealedBlock)
    {
        Span<byte> nonce = stackalloc byte[PackageLayout.NonceSize];
        PackageLayout.WriteNonce(block++, last, nonce);
        cipher.Seal(nonce, clear, sealedBlock);
    }

    public void Dispose() => cipher.Dispose();
}
