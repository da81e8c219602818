using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Images;

public class ImageLayoutTests
{
    [Fact]
    public void A_range_is_found_exactly_when_all_its_bytes_are_in_the_image()
    {
        Prop.ForAll(ArbitraryImage.Any, EveryRangeAtAnEdgeIsFoundRightly).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Segments_neither_overlap_nor_touch()
    {
        Prop.ForAll(
            ArbitraryImage.Any,
            image => image.Layout.Segments.Zip(image.Layout.Segments.Skip(1))
                .All(pair => pair.First.End < pair.Second.Address)).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0x10u, 0x11u)]
    [InlineData(0x10u, 0x10u)]
    [InlineData(0x10u, 0x0Fu)]
    [InlineData(0x10u, 0x00u)]
    public void Pieces_that_overlap_or_descend_are_refused(uint first, uint second)
    {
        MemoryImage.Of([(first, [1, 2]), (second, [3, 4])], start: null).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
    }

    [Fact]
    public void An_image_without_a_byte_is_refused()
    {
        MemoryImage.Of([], start: null).Refused(out _, out var nothing);
        MemoryImage.Of([(0, [])], start: null).Refused(out _, out var empty);

        Assert.Equal(Reason.BadImage, nothing?.Reason);
        Assert.Equal(Reason.BadImage, empty?.Reason);
    }

    [Fact]
    public void Images_differ_by_bytes_addresses_and_start()
    {
        var image = MemoryImage.Of([(1, [1])], new StartAddress(1, Segmented: false)).OrThrow();

        Assert.Equal(MemoryImage.Of([(1, [1])], new StartAddress(1, Segmented: false)).OrThrow(), image);
        Assert.NotEqual(MemoryImage.Of([(1, [2])], new StartAddress(1, Segmented: false)).OrThrow(), image);
        Assert.NotEqual(MemoryImage.Of([(2, [1])], new StartAddress(1, Segmented: false)).OrThrow(), image);
        Assert.NotEqual(MemoryImage.Of([(1, [1])], new StartAddress(1, Segmented: true)).OrThrow(), image);
        Assert.NotEqual(MemoryImage.Of([(1, [1])], start: null).OrThrow(), image);
    }

    private static bool EveryRangeAtAnEdgeIsFoundRightly(MemoryImage image)
    {
        var layout = image.Layout;
        foreach (var segment in layout.Segments)
        {
            for (var from = (long)segment.Address - 2; from <= (long)segment.End; from++)
            {
                for (var length = 1; length <= 3; length++)
                {
                    var (inside, offset) = Naively(layout, from, length);
                    if (from is >= 0 and <= uint.MaxValue
                        && (layout.TryLocate((uint)from, length, out var found) != inside || (inside && found != offset)))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    private static (bool Inside, int Offset) Naively(ImageLayout layout, long from, int length)
    {
        var before = 0;
        foreach (var segment in layout.Segments)
        {
            if (from >= segment.Address && from + length <= (long)segment.End)
            {
                return (true, before + (int)(from - segment.Address));
            }

            before += segment.Length;
        }

        return (false, 0);
    }
}
