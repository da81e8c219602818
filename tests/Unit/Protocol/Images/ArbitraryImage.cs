using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Images;

/// <summary>Images of one to six segments, near the edges of 64 KiB and of the address space as often as not.</summary>
internal static class ArbitraryImage
{
    private static readonly Gen<uint> Gap =
        Gen.Elements(0u, 1u, 2u, 15u, 16u, 17u, 0xFFF0u, 0x10000u, 0x1234567u, 0x7FFFFFFFu);

    private static readonly Gen<byte[]> Bytes =
        from length in Gen.Elements(1, 2, 15, 16, 17, 31, 33, 100)
        from bytes in Gen.Choose(0, 255).ArrayOf(length)
        select bytes.Select(value => (byte)value).ToArray();

    private static readonly Gen<StartAddress?> Start =
        from value in Gen.Choose(0, int.MaxValue)
        from kind in Gen.Choose(0, 2)
        select kind == 0 ? (StartAddress?)null : new StartAddress((uint)value * 2, Segmented: kind == 1);

    public static Arbitrary<MemoryImage> Any { get; } = (
        from count in Gen.Choose(1, 6)
        from gaps in Gap.ArrayOf(count)
        from pieces in Bytes.ArrayOf(count)
        from start in Start
        select Place(gaps, pieces, start)).ToArbitrary();

    /// <summary>The same with its start address as S-record and ELF can say it: linear, and not 0.</summary>
    public static MemoryImage WithLinearStart(this MemoryImage image)
    {
        var linear = image.Layout.Start?.Linear ?? 0;
        var pieces = image.Layout.Segments.Select((segment, i) =>
            (segment.Address, image.Content.Slice(image.Layout.OffsetOf(i), segment.Length).ToArray()));
        return MemoryImage.Of([.. pieces], linear == 0 ? null : new StartAddress(linear, Segmented: false)).OrThrow();
    }

    private static MemoryImage Place(uint[] gaps, byte[][] pieces, StartAddress? start)
    {
        var placed = new List<(uint, byte[])>();
        var next = 0UL;
        for (var i = 0; i < pieces.Length; i++)
        {
            next += gaps[i];
            if (next + (ulong)pieces[i].Length > ImageLayout.AddressSpaceEnd)
            {
                break;
            }

            placed.Add(((uint)next, pieces[i]));
            next += (ulong)pieces[i].Length;
        }

        return MemoryImage.Of(placed, start).OrThrow();
    }
}
