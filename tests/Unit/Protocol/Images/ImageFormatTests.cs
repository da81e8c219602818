using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Images;

[Trait("Req", "T03")]
public class ImageFormatTests
{
    private static readonly ImageFormat[] SelfDescribing =
        [IntelHex.Format, SRecord.Format, new Elf(ElfTarget.Arm), new Elf(new(true, true, 21, 2))];

    [Fact]
    public void A_file_is_recognised_by_its_first_bytes() => Prop.ForAll(
        ArbitraryImage.Any,
        Gen.Elements(SelfDescribing).ToArbitrary(),
        (image, format) =>
        {
            var file = format.Write(image).OrThrow();
            var found = ImageFormat.Recognise(file).OrThrow();
            return found.GetType() == format.GetType()
                && found.Write(found.Read(file).OrThrow()).OrThrow().SequenceEqual(file);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData(" :00000001FF")]
    [InlineData("s9030000FC")]
    [InlineData("ELF")]
    [InlineData("\u007fELF")]
    public void What_says_nothing_of_itself_is_not_guessed(string file)
    {
        ImageFormat.Recognise(Encoding.ASCII.GetBytes(file)).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
    }

    [Fact]
    public void An_image_is_the_same_through_every_chain_of_formats() => Prop.ForAll(
        ArbitraryImage.Any,
        Gen.Elements(SelfDescribing).ListOf().ToArbitrary(),
        (image, chain) =>
        {
            var expected = image.WithLinearStart();
            var last = chain.Aggregate(expected, (now, format) => format.Read(format.Write(now).OrThrow()).OrThrow());
            return last.Equals(expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Zones_are_patched_alike_in_all_four_formats()
    {
        var blank = MemoryImage.Of([(0x1000, [.. Enumerable.Repeat((byte)0xFF, 64)])], new(0x1001, false)).OrThrow();
        var plan = ZonePlan.Of(
            [
                new()
                {
                    Name = "key", Address = 0x1010, MinBytes = 16, MaxBytes = 32, Blank = 0xFF, Fill = 0, Number = 1,
                    Holds = ZoneContent.Key,
                },
            ],
            [
                new()
                {
                    Name = "crc", Address = 0x103C, Blank = 0xFF, Algorithm = CodeAlgorithm.Crc32LittleEndian,
                    Covers = CodeCoverage.Image,
                },
            ]).OrThrow();
        using var key = new MadeUpKey([.. Enumerable.Range(1, 16).Select(i => (byte)i)]);
        var contents = new List<string>();
        foreach (var format in SelfDescribing.Append(new RawBinary(0x1000)))
        {
            var bootloader = format.Read(format.Write(blank).OrThrow()).OrThrow();
            using var patched = PatchZones.Apply(bootloader, plan, [], [key]).OrThrow();
            using var file = format.Write(patched).OrThrow();
            contents.Add(Convert.ToHexString(format.Read(file.Expose()).OrThrow().Content));
        }

        Assert.Equal(5, contents.Count);
        Assert.Single(contents.Distinct());
        Assert.Equal("0102030405060708090A0B0C0D0E0F10", contents[0][32..64]);
    }

    private sealed class MadeUpKey(byte[] bytes) : Secret(bytes);
}
