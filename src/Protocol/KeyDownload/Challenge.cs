namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// The random number of a unit: 16 bytes, drawn for one download and used once; printed as lower-case hex.
/// </summary>
public sealed record Challenge
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    private readonly string hex;

    /// <summary>Takes 16 bytes.</summary>
    public Challenge(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        hex = Convert.ToHexStringLower(bytes);
    }

    /// <summary>The 16 bytes.</summary>
    public byte[] ToArray() => Convert.FromHexString(hex);

    public override string ToString() => hex;
}
