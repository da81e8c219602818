using Keywright.Protocol.Keys;

namespace Keywright.Keystores.Software;

/// <summary>
/// Secrets that belong together, in the form that their owner gives them, such as a chip family's; 1 to 1024
/// bytes.
/// </summary>
public sealed class SecretRecord : Secret
{
    /// <summary>The longest record, in bytes.</summary>
    public const int MaxSize = 1024;

    /// <summary>Copies the bytes; the caller wipes its own.</summary>
    public SecretRecord(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxSize);
    }
}
