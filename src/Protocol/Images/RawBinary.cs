namespace Keywright.Protocol.Images;

/// <summary>
/// Raw binary (docs/spec/images.md §4): byte i of the file stands at <paramref name="baseAddress"/> + i. A reader gets
/// one segment and no start address. A writer begins at the base address and puts <paramref name="gapFill"/> where the
/// image has nothing; the start address is not carried.
/// </summary>
/// <remarks>
/// Refused reading: <c>bad-image</c> for an empty file or an end above 2³². Refused writing: <c>bad-image</c> for an
/// image with bytes below the base address. Both: <c>too-large</c> above 64 MiB of file.
/// </remarks>
public sealed class RawBinary(uint baseAddress, byte gapFill = 0xFF) : ImageFormat
{
    private protected override Outcome<ImageLayout> Measure(ReadOnlySpan<byte> file)
    {
        var layout = new LayoutBuilder();
        return !file.IsEmpty && layout.Add(baseAddress, file.Length) is { } fault ? fault : layout.Build(start: null);
    }

    private protected override void Load(ReadOnlySpan<byte> file, Span<byte> content) => file.CopyTo(content);

    private protected override Outcome<int> FileLength(ImageLayout layout)
    {
        var first = layout.Segments[0].Address;
        if (first < baseAddress)
        {
            return new Refusal(
                Reason.BadImage, $"the image begins at 0x{first:X8}, below the base address 0x{baseAddress:X8}");
        }

        var length = layout.Segments[^1].End - baseAddress;
        return length > ImageLayout.MaxContentBytes
            ? new Refusal(Reason.TooLarge, $"{length} bytes from the base address to the image's end")
            : (int)length;
    }

    private protected override void Store(ImageLayout layout, ReadOnlySpan<byte> content, Span<byte> file)
    {
        file.Fill(gapFill);
        for (var i = 0; i < layout.Segments.Length; i++)
        {
            var (address, length) = layout.Segments[i];
            content.Slice(layout.OffsetOf(i), length).CopyTo(file[(int)(address - baseAddress)..]);
        }
    }
}
