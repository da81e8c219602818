using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// SP 800-108r1 §4.1: key derivation in counter mode with AES-CMAC. Block i is CMAC(key, [i] ‖ label ‖ 0x00 ‖
/// context ‖ [L]), i counting from 1, L the bits asked for, both 32-bit big-endian: the same input as
/// <see cref="Kdf"/> has with HMAC, and the same labels. Used in key download only.
/// </summary>
public static class CmacKdf
{
    /// <summary>
    /// KDF-CMAC(key, name, context) as a typed key; <paramref name="key"/> has 16, 24 or 32 bytes.
    /// </summary>
    public static TKey Derive<TKey>(Secret key, string name, ReadOnlySpan<byte> context)
        where TKey : Secret, IDerivedKey<TKey>
    {
        Span<byte> bytes = stackalloc byte[TKey.Size];
        Derive(key.Expose(), Kdf.Label(name), context, bytes);
        var derived = TKey.FromBytes(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return derived;
    }

    /// <summary>Fills <paramref name="destination"/> with key bytes, under a label taken as it is.</summary>
    public static void Derive(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        Span<byte> bits = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bits, checked((uint)destination.Length * 8));
        CounterMode(key, [.. label, 0, .. context, .. bits], destination);
    }

    /// <summary>The same under a fixed input of any form, as published examples have it.</summary>
    internal static void CounterMode(ReadOnlySpan<byte> key, ReadOnlySpan<byte> fixedInput, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(destination.Length);
        Span<byte> number = stackalloc byte[sizeof(uint)];
        Span<byte> block = stackalloc byte[AesCmac.TagSize];
        using var cmac = new AesCmac(key);

        for (var counter = 1u; destination.Length > 0; counter++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(number, counter);
            cmac.Append(number);
            cmac.Append(fixedInput);
            cmac.Finish(block);

            var size = Math.Min(block.Length, destination.Length);
            block[..size].CopyTo(destination);
            destination = destination[size..];
        }

        CryptographicOperations.ZeroMemory(block);
    }
}
