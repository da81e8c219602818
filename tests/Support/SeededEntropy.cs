using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.TestSupport;

/// <summary>Bytes that look random and are the same for the same seed: SHA-256 over seed and counter.</summary>
internal sealed class SeededEntropy(ulong seed) : IEntropy
{
    private ulong counter;

    public void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[32];
        Span<byte> input = stackalloc byte[16];
        while (!destination.IsEmpty)
        {
            BitConverter.TryWriteBytes(input, seed);
            BitConverter.TryWriteBytes(input[8..], counter++);
            SHA256.HashData(input, block);
            var count = Math.Min(block.Length, destination.Length);
            block[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }
}
