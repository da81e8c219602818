using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Images;

[Trait("Req", "T03")]
public class RawBinaryTests
{
    private static readonly MemoryImage TwoSegments =
        MemoryImage.Of([(0x102, [1, 2]), (0x106, [3])], new StartAddress(0x102, Segmented: false)).OrThrow();

    [Fact]
    public void What_is_written_is_read_back_from_the_same_base()
    {
        var image = new RawBinary(0x08000000).Read([1, 2, 3]).OrThrow();

        Assert.Equal([1, 2, 3], new RawBinary(0x08000000).Write(image).OrThrow());
        Assert.Equal(new Segment(0x08000000, 3), Assert.Single(image.Layout.Segments));
    }

    [Fact]
    public void A_writer_begins_at_the_base_address_and_fills_gaps()
    {
        Assert.Equal([0xFF, 0xFF, 1, 2, 0xFF, 0xFF, 3], new RawBinary(0x100).Write(TwoSegments).OrThrow());
        Assert.Equal([1, 2, 0, 0, 3], new RawBinary(0x102, gapFill: 0).Write(TwoSegments).OrThrow());
    }

    [Fact]
    public void An_image_with_bytes_below_the_base_address_is_not_written()
    {
        new RawBinary(0x103).Write(TwoSegments).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
    }

    [Fact]
    public void An_image_that_spans_more_than_64_MiB_is_not_written()
    {
        var wide = MemoryImage.Of([(0, [1]), (ImageLayout.MaxContentBytes, [2])], start: null).OrThrow();

        new RawBinary(0).Write(wide).Refused(out _, out var why);

        Assert.Equal(Reason.TooLarge, why?.Reason);
    }

    [Theory]
    [InlineData(ImageLayout.MaxContentBytes, null)]
    [InlineData(ImageLayout.MaxContentBytes + 1, Reason.TooLarge)]
    public void A_file_has_at_most_64_MiB(int length, Reason? expected)
    {
        new RawBinary(0).Read(new byte[length]).Refused(out _, out var why);

        Assert.Equal(expected, why?.Reason);
    }

    [Fact]
    public void A_secret_image_is_written_as_the_same_bytes()
    {
        var raw = new RawBinary(0x100);
        using var secret = raw.ReadSecret([7, 8, 9]).OrThrow();
        using var file = raw.Write(secret).OrThrow();

        Assert.True(file.Expose().SequenceEqual(new byte[] { 7, 8, 9 }));
    }
}
