using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.CommandLine;

/// <summary>The operating system's generator.</summary>
public sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
