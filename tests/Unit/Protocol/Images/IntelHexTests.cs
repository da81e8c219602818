using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Images;

[Trait("Req", "T03")]
public class IntelHexTests
{
    private const string Sample =
        ":020000040800F2\r\n:10010000214601360121470136007EFE09D2190140\r\n:0201200CABCD59\r\n";

    private static readonly byte[] Whole = Ascii(
        ":020000040800F2\r\n:10010000214601360121470136007EFE09D2190140\r\n"
        + ":02012000ABCD65\n:0400000508000101ED\r\n:00000001FF\r\n");

    [Fact]
    public void What_is_written_is_read_back()
    {
        Prop.ForAll(ArbitraryImage.Any, image => Read(Write(image)).Equals(image)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_is_read_is_written_the_same_again()
    {
        Prop.ForAll(ArbitraryImage.Any, image => Write(Read(Write(image))).SequenceEqual(Write(image)))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_flipped_bit_is_refused_unless_it_is_the_case_of_a_digit()
    {
        var image = Read(Whole);
        var taken = new List<string>();
        foreach (var (bit, flipped) in SingleBits.Of(Whole))
        {
            if (!IntelHex.Format.Read(flipped).Refused(out var read, out var why))
            {
                Assert.Equal(image, read);
                Assert.Equal(5, bit % 8);
                taken.Add($"{(char)Whole[bit / 8]}");
            }
            else
            {
                Assert.Equal(Reason.BadImage, why.Reason);
            }
        }

        Assert.Equal(Whole.Count(character => char.IsAsciiLetter((char)character)), taken.Count);
        Assert.All(taken, letter => Assert.Contains(letter, "ABCDEF"));
    }

    [Fact]
    public void A_file_cut_short_is_refused_unless_only_the_last_line_end_is_gone()
    {
        for (var length = 0; length < Whole.Length; length++)
        {
            var refused = IntelHex.Format.Read(Whole.AsSpan(0, length)).Refused(out _, out _);

            Assert.Equal(length != Whole.Length - 2, refused);
        }
    }

    [Fact]
    public void Any_bytes_give_an_image_or_a_refusal()
    {
        var pieces = Gen.Elements(
            ":", "0", "A", "f", "\n", "\r\n", ":00000001FF", ":0100000000FF\n", ":020000040800F2\n", "é", " ");
        Prop.ForAll(
            pieces.ListOf().ToArbitrary(),
            text =>
            {
                var refused = IntelHex.Format.Read(Encoding.UTF8.GetBytes(string.Concat(text)))
                    .Refused(out var image, out var why);
                return refused ? why!.Reason == Reason.BadImage : Read(Write(image!)).Equals(image);
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_refusal_names_the_line()
    {
        IntelHex.Format.Read(Ascii(Sample)).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
        Assert.StartsWith("line 3: ", why?.Detail);
    }

    [Theory]
    [InlineData(ImageLayout.MaxSegments, null)]
    [InlineData(ImageLayout.MaxSegments + 1, Reason.TooLarge)]
    public void There_are_at_most_4096_segments(int segments, Reason? expected)
    {
        var text = new StringBuilder();
        for (var i = 0; i < segments; i++)
        {
            var offset = i * 2;
            text.Append($":01{offset:X4}0007{(byte)-(1 + (offset >> 8) + offset + 7):X2}\n");
        }

        IntelHex.Format.Read(Ascii(text + ":00000001FF\n")).Refused(out _, out var why);

        Assert.Equal(expected, why?.Reason);
    }

    [Fact]
    public void More_than_256_MiB_of_text_is_refused_unread()
    {
        IntelHex.Format.Read(new byte[IntelHex.MaxTextBytes + 1]).Refused(out _, out var why);

        Assert.Equal(Reason.TooLarge, why?.Reason);
    }

    [Fact]
    public void A_secret_image_is_read_and_written_as_the_same_bytes()
    {
        using var secret = IntelHex.Format.ReadSecret(Whole).OrThrow();
        using var file = IntelHex.Format.Write(secret).OrThrow();

        Assert.True(secret.Expose().SequenceEqual(Read(Whole).Content));
        Assert.True(file.Expose().SequenceEqual(Write(Read(Whole))));
    }

    [Fact]
    public void A_secret_image_is_refused_for_the_same_reasons()
    {
        IntelHex.Format.ReadSecret(Ascii(Sample)).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
    }

    private static MemoryImage Read(byte[] file) => IntelHex.Format.Read(file).OrThrow();

    private static byte[] Write(MemoryImage image) => IntelHex.Format.Write(image).OrThrow();

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
