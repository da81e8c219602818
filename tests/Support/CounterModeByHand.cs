using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Keywright.TestSupport;

/// <summary>
/// SP 800-108r1 §4.1 over HMAC-SHA-256 for any fixed input, as NIST's examples have it; the platform's own
/// takes a label and a context only.
/// </summary>
internal static class CounterModeByHand
{
    public static void Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> fixedInput, Span<byte> destination)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        for (var counter = 1u; destination.Length > 0; counter++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(number, counter);
            var block = HMACSHA256.HashData(key, (byte[])[.. number, .. fixedInput]);
            var size = Math.Min(block.Length, destination.Length);
            block.AsSpan(0, size).CopyTo(destination);
            destination = destination[size..];
        }
    }
}
