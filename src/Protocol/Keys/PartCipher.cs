using System.Security.Cryptography;
using Keywright.Protocol.Provisioning;

namespace Keywright.Protocol.Keys;

/// <summary>
/// What sealing and opening the blocks of a part have in common: one suite under one key
/// (docs/spec/provisioning.md §5.1).
/// </summary>
internal abstract class PartCipher : IDisposable
{
    public static PartCipher Of(PartKey key) => key.Suite switch
    {
        PackageSuite.Gcm => new GcmCipher(key.Expose()),
        PackageSuite.Ccm => new CcmCipher(key.Expose()),
        PackageSuite.CbcCmac => new CbcCmacCipher(key.Expose()),
        _ => throw new ArgumentOutOfRangeException(nameof(key)),
    };

    /// <summary>Fills <paramref name="sealedBlock"/>, which has the size that the suite makes of it.</summary>
    public abstract void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clear, Span<byte> sealedBlock);

    /// <summary>False whatever is wrong with the block; nothing of it is used then.</summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBlock, Span<byte> clear);

    public abstract void Dispose();

    private sealed class GcmCipher(ReadOnlySpan<byte> key) : PartCipher
    {
        private readonly AesGcm aes = new(key, PackageLayout.BlockTagSize);

        public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clear, Span<byte> sealedBlock) =>
            aes.Encrypt(nonce, clear, sealedBlock[..clear.Length], sealedBlock[clear.Length..]);

        public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBlock, Span<byte> clear)
        {
            try
            {
                aes.Decrypt(nonce, sealedBlock[..clear.Length], sealedBlock[clear.Length..], clear);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public override void Dispose() => aes.Dispose();
    }

    private sealed class CcmCipher(ReadOnlySpan<byte> key) : PartCipher
    {
        private readonly AesCcm aes = new(key);

        public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clear, Span<byte> sealedBlock) =>
            aes.Encrypt(nonce, clear, sealedBlock[..clear.Length], sealedBlock[clear.Length..]);

        public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBlock, Span<byte> clear)
        {
            try
            {
                aes.Decrypt(nonce, sealedBlock[..clear.Length], sealedBlock[clear.Length..], clear);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public override void Dispose() => aes.Dispose();
    }
}
