using System.Security.Cryptography;
using Keywright.Protocol.Provisioning;

namespace Keywright.Protocol.Sealing.Provisioning;

/// <summary>
/// Seals the blocks of one part in order (docs/spec/provisioning.md §5, suite 1: AES-256-GCM). The key serves
/// this part alone, so a nonce of block number and end mark never comes twice.
/// </summary>
public sealed class PartSealer : IDisposable
{
    private readonly AesGcm gcm;
    private int block;

    public PartSealer(PartKey key) => gcm = new AesGcm(key.Expose(), PackageLayout.BlockTagSize);

    /// <summary>
    /// Seals the next block into <paramref name="sealedBlock"/>, which is longer by the block's tag.
    /// </summary>
    public void Seal(ReadOnlySpan<byte> clear, bool last, Span<byte> sealedBlock)
    {
        Span<byte> nonce = stackalloc byte[PackageLayout.NonceSize];
        PackageLayout.WriteNonce(block++, last, nonce);
        gcm.Encrypt(nonce, clear, sealedBlock[..clear.Length], sealedBlock[clear.Length..]);
    }

    public void Dispose() => gcm.Dispose();
}
