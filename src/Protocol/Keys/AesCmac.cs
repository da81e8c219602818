using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// AES-CMAC (SP 800-38B, RFC 4493): 16-byte tags under AES-128, AES-192 or AES-256. Incremental: any number
/// of <see cref="Append"/>, then <see cref="Finish"/> or <see cref="Verify"/>, after which the next message
/// may begin under the same key. Not safe for concurrent use.
/// </summary>
public sealed class AesCmac : IDisposable
{
    /// <summary>Size of a tag in bytes.</summary>
    public const int TagSize = 16;

    private const int BlockSize = 16;
    private const int RunSize = 4096;

    private readonly Aes aes;

    // CBC with a zero IV chains exactly as CMAC does; kept for all messages, since setting one up costs more
    // than a block.
    private readonly ICryptoTransform chain;
    private readonly byte[] subkeyForWhole = new byte[BlockSize];
    private readonly byte[] subkeyForPadded = new byte[BlockSize];

    // The last block is changed before it is encrypted, so one block, whole or not, always waits here.
    private readonly byte[] pending = new byte[BlockSize];
    private readonly byte[] run = new byte[RunSize];
    private int pendingSize;

    /// <summary>
    /// Takes a key of 16, 24 or 32 bytes; any other length is an <see cref="ArgumentException"/>.
    /// </summary>
    public AesCmac(ReadOnlySpan<byte> key)
    {
        if (key.Length is not (16 or 24 or 32))
        {
            throw new ArgumentException($"An AES key has 16, 24 or 32 bytes, not {key.Length}.", nameof(key));
        }

        aes = Aes.Create();
        aes.SetKey(key);
        aes.Mode = CipherMode.CBC;
        aes.Padding = PaddingMode.None;
        aes.IV = new byte[BlockSize];
        chain = aes.CreateEncryptor();
        aes.EncryptEcb(subkeyForWhole, subkeyForWhole, PaddingMode.None);
        Double(subkeyForWhole, subkeyForWhole);
        Double(subkeyForWhole, subkeyForPadded);
    }

    /// <summary>The tag of one message.</summary>
    public static void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        using var cmac = new AesCmac(key);
        cmac.Append(message);
        cmac.Finish(tag);
    }

    /// <summary>Adds to the message.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (data.Length > BlockSize - pendingSize)
        {
            var missing = BlockSize - pendingSize;
            data[..missing].CopyTo(pending.AsSpan(pendingSize));
            data = data[missing..];
            chain.TransformBlock(pending, 0, BlockSize, pending, 0);
            pendingSize = 0;
        }

        while (data.Length > BlockSize)
        {
            var size = Math.Min(RunSize, (data.Length - 1) / BlockSize * BlockSize);
            data[..size].CopyTo(run);
            chain.TransformBlock(run, 0, size, run, 0);
            data = data[size..];
        }

        data.CopyTo(pending.AsSpan(pendingSize));
        pendingSize += data.Length;
    }

    /// <summary>Ends the message: writes its 16-byte tag to the front of <paramref name="tag"/>.</summary>
    public void Finish(Span<byte> tag)
    {
        var padded = pendingSize < BlockSize;
        if (padded)
        {
            pending[pendingSize] = 0x80;
            pending.AsSpan(pendingSize + 1).Clear();
            pendingSize = BlockSize;
        }

        FinishBlocks(padded, tag);
    }

    /// <summary>
    /// Ends the message: true when <paramref name="tag"/> is its whole 16-byte tag, compared in constant
    /// time.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> tag)
    {
        Span<byte> expected = stackalloc byte[TagSize];
        Finish(expected);
        return CryptographicOperations.FixedTimeEquals(expected, tag);
    }

    /// <summary>
    /// Ends a message of whole blocks to which the caller has applied the padding himself, as AN10922 asks
    /// when it pads past the end of a block.
    /// </summary>
    internal void FinishBlocks(bool padded, Span<byte> tag)
    {
        if (pendingSize != BlockSize)
        {
            throw new InvalidOperationException("The message does not end with a whole block.");
        }

        var subkey = padded ? subkeyForPadded : subkeyForWhole;
        for (var i = 0; i < BlockSize; i++)
        {
            pending[i] ^= subkey[i];
        }

        chain.TransformBlock(pending, 0, BlockSize, pending, 0);
        pending.CopyTo(tag);
        CryptographicOperations.ZeroMemory(pending);
        pendingSize = 0;

        // An empty last block puts the chain back to its zero IV.
        chain.TransformFinalBlock([], 0, 0);
    }

    /// <summary>Wipes the key schedule and all that was in flight.</summary>
    public void Dispose()
    {
        chain.Dispose();
        aes.Dispose();
        CryptographicOperations.ZeroMemory(subkeyForWhole);
        CryptographicOperations.ZeroMemory(subkeyForPadded);
        CryptographicOperations.ZeroMemory(pending);
        CryptographicOperations.ZeroMemory(run);
    }

    private static void Double(ReadOnlySpan<byte> block, Span<byte> doubled)
    {
        var carry = (byte)(0x87 & -(block[0] >> 7));
        for (var i = 0; i < BlockSize - 1; i++)
        {
            doubled[i] = (byte)((block[i] << 1) | (block[i + 1] >> 7));
        }

        doubled[BlockSize - 1] = (byte)((block[BlockSize - 1] << 1) ^ carry);
    }
}
