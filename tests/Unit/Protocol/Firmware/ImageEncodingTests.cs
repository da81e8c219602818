using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Firmware;

[Trait("Req", "T03")]
public sealed class ImageEncodingTests
{
    [Fact]
    public void What_comes_as_s_record_or_elf_is_carried_as_the_same_image_in_intel_hex()
    {
        var image = MemoryImage.Of([(0x1000, [1, 2, 3]), (0x2000, [4])], new(0x1001, Segmented: false)).OrThrow();
        foreach (var format in new ImageFormat[] { SRecord.Format, new Elf(ElfTarget.Arm) })
        {
            var carried = ImageEncoding.HexOf(format.Write(image).OrThrow()).OrThrow();

            Assert.Equal(image, ImageEncoding.Hex.Format.Read(carried).OrThrow());
        }
    }

    [Fact]
    public void Intel_hex_is_carried_byte_for_byte()
    {
        var file = ":0100000001fe\r\n:00000001FF\r\n"u8.ToArray();

        Assert.Equal(file, ImageEncoding.HexOf(file).OrThrow());
    }

    [Theory]
    [InlineData("")]
    [InlineData("S1")]
    [InlineData("\u007fELF")]
    public void Anything_else_is_refused(string file)
    {
        ImageEncoding.HexOf(System.Text.Encoding.ASCII.GetBytes(file)).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
    }
}
