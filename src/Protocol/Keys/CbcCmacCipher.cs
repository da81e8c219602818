using System.Security.Cryptography;
using Keywright.Protocol.Provisioning;

namespace Keywright.Protocol.Keys;

/// <summary>
/// Encrypt-then-MAC with AES alone, for chips without a mode that authenticates: AES-256-CBC with PKCS#7
/// under K1, whose IV is AES-256(K1, nonce ‖ 00000000) as SP 800-38A appendix C makes one of a nonce;
/// then AES-CMAC(K2, nonce ‖ ciphertext), all 16 bytes.
/// </summary>
internal sealed class CbcCmacCipher : PartCipher
{
    private const int KeySize = 32;
    private const int BlockSize = 16;

    private readonly Aes aes = Aes.Create();
    private readonly AesCmac cmac;

    /// <summary>Takes K1 ‖ K2.</summary>
    public CbcCmacCipher(ReadOnlySpan<byte> keys64)
    {
        aes.SetKey(keys64[..KeySize]);
        cmac = new AesCmac(keys64[KeySize..]);
    }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clear, Span<byte> sealedBlock)
    {
        Span<byte> iv = stackalloc byte[BlockSize];
        WriteIv(nonce, iv);
        var size = aes.EncryptCbc(clear, iv, sealedBlock[..^PackageLayout.BlockTagSize]);
        cmac.Append(nonce);
        cmac.Append(sealedBlock[..size]);
        cmac.Finish(sealedBlock[size..]);
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBlock, Span<byte> clear)
    {
        var ciphertext = sealedBlock[..^PackageLayout.BlockTagSize];
        cmac.Append(nonce);
        cmac.Append(ciphertext);
        if (!cmac.Verify(sealedBlock[ciphertext.Length..]))
        {
            return false;
        }

        Span<byte> iv = stackalloc byte[BlockSize];
        WriteIv(nonce, iv);
        try
        {
            return aes.TryDecryptCbc(ciphertext, iv, clear, out var size) && size == clear.Length;
        }
        catch (CryptographicException)
        {
            // Only who has the keys gets here: the padding is not one that this suite writes.
            return false;
        }
    }

    public override void Dispose()
    {
        aes.Dispose();
        cmac.Dispose();
    }

    private void WriteIv(ReadOnlySpan<byte> nonce, Span<byte> iv)
    {
        iv.Clear();
        nonce.CopyTo(iv);
        aes.EncryptEcb(iv, iv, PaddingMode.None);
    }
}
