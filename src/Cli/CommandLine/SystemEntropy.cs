using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.CommandLine;

/// <summary>The operating system's generator.</summary>
internal sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
