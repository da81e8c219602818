using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Chips;

/// <summary>
/// Noise that a seed decides, for simulations and tests that must run the same again: SHA-256(seed ‖
/// counter). Never for a chip that keeps a secret.
/// </summary>
public sealed class SeededNoise(ulong seed) : IEntropy
{
    private ulong counter;

    public void Fill(Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[2 * sizeof(ulong)];
        Span<byte> block = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64BigEndian(input, seed);
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64BigEndian(input[sizeof(ulong)..], counter++);
            SHA256.HashData(input, block);
            var count = Math.Min(block.Length, destination.Length);
            block[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    /// <summary>The next number below <paramref name="bound"/>.</summary>
    public int Next(int bound)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Fill(bytes);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes) % (uint)bound);
    }
}
