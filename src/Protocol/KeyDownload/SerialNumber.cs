namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// SN: what tells one unit from another, 1 to 20 bytes, compared by value, printed as upper-case hex.
/// </summary>
public sealed record SerialNumber
{
    /// <summary>The longest serial number in bytes.</summary>
    public const int MaxSize = 20;

    private readonly string hex;

    /// <summary>Takes 1 to 20 bytes.</summary>
    public SerialNumber(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxSize);
        hex = Convert.ToHexString(bytes);
    }

    /// <summary>The bytes.</summary>
    public byte[] ToArray() => Convert.FromHexString(hex);

    public override string ToString() => hex;
}
