using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing.KeyDownload;

/// <summary>Builds key blocks: ANSI X9.143 version D (docs/spec/keydownload.md §3).</summary>
public static class KeyBlockSealer
{
    // Length (2 bytes) and the longest AES key, in whole blocks: so that a block does not show how long its
    // key is.
    private const int ClearSize = 48;

    /// <summary>
    /// The block, in ASCII, that carries <paramref name="key"/> under a protection key of 16, 24 or 32 bytes;
    /// random bytes fill up behind the key.
    /// </summary>
    public static byte[] Seal(
        Secret protectionKey, KeyBlockHeader header, ApplicationKey key, IEntropy entropy)
    {
        var headerBytes = KeyBlock.WriteHeader(header, ClearSize);
        Span<byte> clear = stackalloc byte[ClearSize];
        BinaryPrimitives.WriteUInt16BigEndian(clear, (ushort)(key.Length * 8));
        key.Expose().CopyTo(clear[2..]);
        entropy.Fill(clear[(2 + key.Length)..]);

        Span<byte> mac = stackalloc byte[KeyBlock.MacSize];
        Span<byte> encrypted = stackalloc byte[ClearSize];
        using var keys = new KeyBlockKeys(protectionKey.Expose());
        keys.Mac(headerBytes, clear, mac);
        keys.Encrypt(clear, mac, encrypted);
        CryptographicOperations.ZeroMemory(clear);
        byte[] block =
        [
            .. headerBytes,
            .. Encoding.ASCII.GetBytes(Convert.ToHexString(encrypted)),
            .. Encoding.ASCII.GetBytes(Convert.ToHexString(mac)),
        ];

        // Fields that no reader takes are the fault of whoever stated them.
        KeyBlock.Parse(block).OrThrow();
        return block;
    }
}
