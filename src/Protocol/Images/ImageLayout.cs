using System.Collections.Immutable;

namespace Keywright.Protocol.Images;

/// <summary>A run of bytes at <paramref name="Address"/>; <paramref name="Length"/> bytes, at least one.</summary>
public readonly record struct Segment(uint Address, int Length)
{
    /// <summary>The address behind the last byte: up to 2³², hence wider than an address.</summary>
    public ulong End => (ulong)Address + (ulong)Length;
}

/// <summary>
/// Where a program starts: a linear address (<c>05</c> of Intel HEX), or CS in the upper and IP in the lower 16 bits
/// (<c>03</c>) when <paramref name="Segmented"/>.
/// </summary>
public readonly record struct StartAddress(uint Value, bool Segmented)
{
    /// <summary>The linear address: CS × 16 + IP when segmented.</summary>
    public uint Linear => Segmented ? ((Value >> 16) << 4) + (ushort)Value : Value;
}

/// <summary>
/// Where the bytes of an image lie (docs/spec/images.md §1): segments in ascending order that neither overlap nor
/// touch, and the start address. It holds no bytes: the content of an image is the bytes of its segments, one behind
/// the other.
/// </summary>
public sealed class ImageLayout
{
    /// <summary>The largest content of an image, in bytes: 64 MiB.</summary>
    public const int MaxContentBytes = 64 << 20;

    /// <summary>The largest number of segments.</summary>
    public const int MaxSegments = 4096;

    /// <summary>The first address behind the 32-bit address space.</summary>
    public const ulong AddressSpaceEnd = 1UL << 32;

    private readonly ImmutableArray<int> offsets;

    internal ImageLayout(ImmutableArray<Segment> segments, StartAddress? start)
    {
        Segments = segments;
        Start = start;
        var starts = ImmutableArray.CreateBuilder<int>(segments.Length);
        foreach (var segment in segments)
        {
            starts.Add(ContentLength);
            ContentLength += segment.Length;
        }

        offsets = starts.MoveToImmutable();
    }

    /// <summary>1–4096 segments, ascending, with at least one byte of nothing between two of them.</summary>
    public ImmutableArray<Segment> Segments { get; }

    /// <summary>Where the program starts, when the file said so.</summary>
    public StartAddress? Start { get; }

    /// <summary>Bytes in all segments together: 1–64 MiB.</summary>
    public int ContentLength { get; }

    /// <summary>
    /// Finds where in the content a range of addresses stands. False when any byte of it lies outside the image.
    /// </summary>
    public bool TryLocate(uint address, int length, out int offset)
    {
        offset = 0;
        var found = IndexAtOrBelow(address);
        if (found < 0 || length < 0 || (ulong)address + (ulong)length > Segments[found].End)
        {
            return false;
        }

        offset = offsets[found] + (int)(address - Segments[found].Address);
        return true;
    }

    /// <summary>Where in the content the segment at <paramref name="index"/> begins.</summary>
    public int OffsetOf(int index) => offsets[index];

    internal bool IsSameAs(ImageLayout other) => Start == other.Start && Segments.SequenceEqual(other.Segments);

    private int IndexAtOrBelow(uint address)
    {
        var low = 0;
        var high = Segments.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (Segments[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }
}
