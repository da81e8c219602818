using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// The two keys that version D derives from a protection key, each as long as that: one encrypts, one
/// authenticates (ANSI X9.143, CMAC in counter mode over 8-byte inputs).
/// </summary>
internal sealed class KeyBlockKeys : IDisposable
{
    private const byte ForEncryption = 0;
    private const byte ForAuthentication = 1;

    private readonly byte[] encryption;
    private readonly byte[] authentication;

    public KeyBlockKeys(ReadOnlySpan<byte> protectionKey)
    {
        encryption = Derive(protectionKey, ForEncryption);
        authentication = Derive(protectionKey, ForAuthentication);
    }

    public void Mac(ReadOnlySpan<byte> header, ReadOnlySpan<byte> clear, Span<byte> mac)
    {
        using var cmac = new AesCmac(authentication);
        cmac.Append(header);
        cmac.Append(clear);
        cmac.Finish(mac);
    }

    public void Encrypt(ReadOnlySpan<byte> clear, ReadOnlySpan<byte> mac, Span<byte> encrypted)
    {
        using var aes = Aes.Create();
        aes.SetKey(encryption);
        aes.EncryptCbc(clear, mac, encrypted, PaddingMode.None);
    }

    public void Decrypt(ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> mac, Span<byte> clear)
    {
        using var aes = Aes.Create();
        aes.SetKey(encryption);
        aes.DecryptCbc(encrypted, mac, clear, PaddingMode.None);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(encryption);
        CryptographicOperations.ZeroMemory(authentication);
    }

    private static byte[] Derive(ReadOnlySpan<byte> protectionKey, byte purpose)
    {
        using var cmac = new AesCmac(protectionKey);
        var bits = protectionKey.Length * 8;
        var derived = GC.AllocateUninitializedArray<byte>(protectionKey.Length, pinned: true);
        Span<byte> block = stackalloc byte[AesCmac.TagSize];
        byte counter = 1;
        for (var rest = derived.AsSpan(); rest.Length > 0; counter++)
        {
            // Counter, purpose, separator, algorithm (2, 3, 4 for AES-128, -192, -256), length in bits.
            cmac.Append([counter, 0, purpose, 0, 0, (byte)(bits / 64), (byte)(bits >> 8), (byte)bits]);
            cmac.Finish(block);
            var size = Math.Min(block.Length, rest.Length);
            block[..size].CopyTo(rest);
            rest = rest[size..];
        }

        CryptographicOperations.ZeroMemory(block);
        return derived;
    }
}
