namespace Keywright.Protocol.Images;

/// <summary>
/// A program as it lies in memory (docs/spec/images.md §1): bytes at addresses, without secrets. What has keys in it
/// is a <see cref="SecretImage"/>. Two images are equal when they hold the same bytes at the same addresses and start
/// at the same one.
/// </summary>
public sealed class MemoryImage : IEquatable<MemoryImage>
{
    private readonly byte[] content;

    /// <summary>Takes over <paramref name="content"/>: the bytes of the layout's segments, one behind the other.</summary>
    internal MemoryImage(ImageLayout layout, byte[] content)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(content.Length, layout.ContentLength);
        Layout = layout;
        this.content = content;
    }

    /// <summary>Where the bytes lie.</summary>
    public ImageLayout Layout { get; }

    /// <summary>The bytes of all segments, one behind the other.</summary>
    public ReadOnlySpan<byte> Content => content;

    /// <summary>
    /// An image of pieces in ascending order; touching ones are joined. Refused: <c>bad-image</c> for no byte at all,
    /// an empty piece, overlap, descending order, or an end above 2³²; <c>too-large</c> above 64 MiB or 4096 segments.
    /// </summary>
    public static Outcome<MemoryImage> Of(IReadOnlyList<(uint Address, byte[] Bytes)> pieces, StartAddress? start)
    {
        var builder = new LayoutBuilder();
        foreach (var (address, bytes) in pieces)
        {
            var fault = bytes.Length == 0
                ? new Refusal(Reason.BadImage, $"an empty piece at 0x{address:X8}")
                : builder.Add(address, bytes.Length);
            if (fault is not null)
            {
                return fault;
            }
        }

        if (builder.Build(start).Refused(out var layout, out var why))
        {
            return why;
        }

        var content = new byte[layout.ContentLength];
        var offset = 0;
        foreach (var (_, bytes) in pieces)
        {
            bytes.CopyTo(content, offset);
            offset += bytes.Length;
        }

        return new MemoryImage(layout, content);
    }

    public bool Equals(MemoryImage? other) =>
        other is not null && Layout.IsSameAs(other.Layout) && Content.SequenceEqual(other.Content);

    public override bool Equals(object? obj) => Equals(obj as MemoryImage);

    public override int GetHashCode() => Digest.Of(Content).GetHashCode();
}
