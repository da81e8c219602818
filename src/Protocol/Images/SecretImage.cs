using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Images;

/// <summary>
/// A program as it lies in memory, with a device's keys in it: pinned, wiped on dispose, never compared or printed.
/// <see cref="Secret.Expose"/> gives the bytes of all segments, one behind the other.
/// </summary>
public sealed class SecretImage : Secret
{
    internal SecretImage(ImageLayout layout, WipedBuffer content)
        : base(content)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Length, layout.ContentLength);
        Layout = layout;
    }

    /// <summary>Where the bytes lie: the same in every device, hence no secret.</summary>
    public ImageLayout Layout { get; }
}
