using System.Security.Cryptography;
using Keywright.Protocol.Provisioning;

namespace Keywright.Protocol.Opening.Provisioning;

/// <summary>
/// Opens the blocks of one part in order: the counterpart of <see cref="Sealing.Provisioning.PartSealer"/>.
/// </summary>
public sealed class PartOpener : IDisposable
{
    private readonly AesGcm gcm;
    private int block;

    public PartOpener(PartKey key) => gcm = new AesGcm(key.Expose(), PackageLayout.BlockTagSize);

    /// <summary>
    /// Opens the next block into <paramref name="clear"/>, which is shorter by the block's tag. False when it
    /// is not the block that was sealed at this place of this part.
    /// </summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedBlock, bool last, Span<byte> clear)
    {
        Span<byte> nonce = stackalloc byte[PackageLayout.NonceSize];
        PackageLayout.WriteNonce(block++, last, nonce);
        try
        {
            gcm.Decrypt(nonce, sealedBlock[..clear.Length], sealedBlock[clear.Length..], clear);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => gcm.Dispose();
}
