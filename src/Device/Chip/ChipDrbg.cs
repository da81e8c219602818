using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>
/// The chip's generator (docs/spec/chip.md §5): HMAC-DRBG with SHA-256 (SP 800-90A §10.1.2), seeded at every
/// boot with tested noise (96 bytes) ‖ KDF(C, "drbg", [chip ID]) (32 bytes) ‖ boot counter (8 bytes). The
/// chip key and the counter keep outputs of two boots apart even where the noise source has failed unnoticed.
/// </summary>
public sealed class ChipDrbg : IEntropy, IDisposable
{
    private const int HashSize = SHA256.HashSizeInBytes;
    private const int MaxRequestBytes = 1 << 16;

    private readonly byte[] key = GC.AllocateArray<byte>(HashSize, pinned: true);
    private readonly byte[] value = GC.AllocateArray<byte>(HashSize, pinned: true);

    /// <summary>Instantiates from seed material: entropy ‖ nonce ‖ personalisation.</summary>
    public ChipDrbg(ReadOnlySpan<byte> seedMaterial)
    {
        value.AsSpan().Fill(0x01);
        Update(seedMaterial);
    }

    /// <summary>The generator of this boot, from noise that has passed the tests of the start.</summary>
    internal static ChipDrbg Seed(ISilicon silicon, ReadOnlySpan<byte> noise, ulong boots)
    {
        Span<byte> seed = stackalloc byte[NoiseHealth.SeedSamples + HashSize + sizeof(ulong)];
        try
        {
            noise.CopyTo(seed);
            silicon.Derive("drbg", seed.Slice(noise.Length, HashSize));
            BinaryPrimitives.WriteUInt64BigEndian(seed[(noise.Length + HashSize)..], boots);
            return new ChipDrbg(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    public void Fill(Span<byte> destination)
    {
        while (destination.Length > MaxRequestBytes)
        {
            Generate(destination[..MaxRequestBytes]);
            destination = destination[MaxRequestBytes..];
        }

        Generate(destination);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(value);
    }

    private void Generate(Span<byte> destination)
    {
        for (var offset = 0; offset < destination.Length; offset += HashSize)
        {
            HMACSHA256.HashData(key, value, value);
            value.AsSpan(0, Math.Min(HashSize, destination.Length - offset)).CopyTo(destination[offset..]);
        }

        Update([]);
    }

    private void Update(ReadOnlySpan<byte> provided)
    {
        Round(0x00, provided);
        if (!provided.IsEmpty)
        {
            Round(0x01, provided);
        }
    }

    private void Round(byte mark, ReadOnlySpan<byte> provided)
    {
        var material = GC.AllocateUninitializedArray<byte>(HashSize + 1 + provided.Length, pinned: true);
        value.CopyTo(material, 0);
        material[HashSize] = mark;
        provided.CopyTo(material.AsSpan(HashSize + 1));
        HMACSHA256.HashData(key, material, key);
        HMACSHA256.HashData(key, value, value);
        CryptographicOperations.ZeroMemory(material);
    }
}
