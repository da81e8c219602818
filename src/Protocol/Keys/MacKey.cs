using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// A key for COSE_Mac0 with HMAC 256/256: 32 bytes, derived for one message type. It keeps the platform's keyed hash:
/// setting one up costs as much as tagging a message.
/// </summary>
public sealed class MacKey : Secret, IDerivedKey<MacKey>
{
    /// <summary>Size of a tag in bytes.</summary>
    public const int TagSize = 32;

    private readonly Lock turn = new();
    private IncrementalHash? hmac;

    private MacKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static MacKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>HMAC-SHA-256 of <paramref name="data"/> into 32 bytes.</summary>
    public void Tag(ReadOnlySpan<byte> data, Span<byte> tag32)
    {
        lock (turn)
        {
            hmac ??= IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Expose());
            hmac.AppendData(data);
            hmac.GetHashAndReset(tag32);
        }
    }

    /// <inheritdoc/>
    protected override void Wiped() => hmac?.Dispose();
}

/// <summary>A key for AES-256-GCM: 32 bytes, derived or drawn for one purpose.</summary>
public sealed class SealKey : Secret, IDerivedKey<SealKey>
{
    private SealKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static SealKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);
}
