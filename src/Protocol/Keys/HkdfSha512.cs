using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// HKDF-Expand with SHA-512 (RFC 5869 §2.3), by HMAC: the platform's own refuses a key shorter than the hash, and the
/// keys of bodies are.
/// </summary>
internal static class HkdfSha512
{
    /// <summary>The most that one key and info give, in bytes.</summary>
    public const int MaxSize = 255 * SHA512.HashSizeInBytes;

    public static void Expand(ReadOnlySpan<byte> key, ReadOnlySpan<byte> info, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, MaxSize);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA512, key);
        Span<byte> block = stackalloc byte[SHA512.HashSizeInBytes];
        for (byte number = 1; output.Length > 0; number++)
        {
            if (number > 1)
            {
                hmac.AppendData(block);
            }

            hmac.AppendData(info);
            hmac.AppendData([number]);
            hmac.GetHashAndReset(block);
            var size = Math.Min(block.Length, output.Length);
            block[..size].CopyTo(output);
            output = output[size..];
        }

        CryptographicOperations.ZeroMemory(block);
    }
}
