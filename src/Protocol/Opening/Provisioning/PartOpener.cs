using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Protocol.Opening.Provisioning;

/// <summary>
/// Opens the blocks of one part in order: the counterpart of <see cref="Sealing.Provisioning.PartSealer"/>.
/// </summary>
public sealed class PartOpener : IDisposable
{
    private readonly PartCipher cipher;
    private int block;

    public PartOpener(PartKey key) => cipher = PartCipher.Of(key);

    /// <summary>
    /// Opens the next block, of <see cref="PackageLayout.SealedSize"/> bytes, into <paramref
    /// name="clear"/>. False when it is not the block that was sealed at this place of this part.
    /// </summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedBlock, bool last, Span<byte> clear)
    {
        Span<byte> nonce = stackalloc byte[PackageLayout.NonceSize];
        PackageLayout.WriteNonce(block++, last, nonce);
        return cipher.TryOpen(nonce, sealedBlock, clear);
    }

    public void Dispose() => cipher.Dispose();
}
