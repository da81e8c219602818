using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Opening.KeyDownload;

/// <summary>Opens key blocks: ANSI X9.143 version D (docs/spec/keydownload.md §3).</summary>
public static class KeyBlockOpener
{
    private const int LengthSize = 2;

    /// <summary>
    /// The key, once header and key are authenticated; the header may be believed from then on. Refused as
    /// <see cref="Reason.BadKeyBlock"/>.
    /// </summary>
    public static Outcome<ApplicationKey> Open(Secret protectionKey, KeyBlock block)
    {
        using var keys = new KeyBlockKeys(protectionKey.Expose());
        var clear = GC.AllocateUninitializedArray<byte>(block.Encrypted.Length, pinned: true);
        try
        {
            Span<byte> mac = stackalloc byte[KeyBlock.MacSize];
            keys.Decrypt(block.Encrypted, block.Mac, clear);
            keys.Mac(block.HeaderBytes, clear, mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, block.Mac))
            {
                return KeyBlock.Bad("the MAC does not verify");
            }

            var bits = BinaryPrimitives.ReadUInt16BigEndian(clear);
            var size = bits / 8;
            return bits % 8 == 0 && AesSize.Fits(size) && size <= clear.Length - LengthSize
                ? new ApplicationKey(clear.AsSpan(LengthSize, size))
                : KeyBlock.Bad($"a key of {bits} bits");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }
}
