using System.Collections.Immutable;

namespace Keywright.Protocol.Images;

/// <summary>
/// Collects a layout from runs of bytes that come in ascending order, and holds the limits of docs/spec/images.md §1.
/// Runs that touch become one segment.
/// </summary>
internal sealed class LayoutBuilder
{
    private readonly ImmutableArray<Segment>.Builder segments = ImmutableArray.CreateBuilder<Segment>();
    private int contentLength;

    /// <summary>Adds a run, or says why it cannot follow what is there.</summary>
    public Refusal? Add(uint address, int length)
    {
        var run = new Segment(address, length);
        if (run.End > ImageLayout.AddressSpaceEnd)
        {
            return new Refusal(Reason.BadImage, $"{length} bytes at 0x{address:X8} leave the 32-bit address space");
        }

        var end = segments.Count == 0 ? 0 : segments[^1].End;
        if (address < end)
        {
            var fault = run.End > segments[^1].Address ? "overlaps what came before" : "is out of ascending order";
            return new Refusal(Reason.BadImage, $"address 0x{address:X8} {fault}");
        }

        var touches = segments.Count > 0 && address == end;
        if (!touches && segments.Count == ImageLayout.MaxSegments)
        {
            return new Refusal(Reason.TooLarge, $"more than {ImageLayout.MaxSegments} segments");
        }

        if (length > ImageLayout.MaxContentBytes - contentLength)
        {
            return new Refusal(Reason.TooLarge, $"more than {ImageLayout.MaxContentBytes} bytes of content");
        }

        contentLength += length;
        if (touches)
        {
            segments[^1] = segments[^1] with { Length = segments[^1].Length + length };
        }
        else
        {
            segments.Add(run);
        }

        return null;
    }

    /// <summary>The layout; an image without a byte is none.</summary>
    public Outcome<ImageLayout> Build(StartAddress? start) =>
        segments.Count == 0
            ? new Refusal(Reason.BadImage, "an image without a single byte")
            : new ImageLayout(segments.ToImmutable(), start);
}
