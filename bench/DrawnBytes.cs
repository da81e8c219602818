using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Bench;

/// <summary>The platform's random bytes.</summary>
internal sealed class DrawnBytes : IEntropy
{
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    public byte[] Draw(int size)
    {
        var bytes = new byte[size];
        Fill(bytes);
        return bytes;
    }
}
