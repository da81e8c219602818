using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Images;

[Trait("Req", "T03")]
public class SRecordTests
{
    private const string Data = "S11300100A0B0C0D05060708091011121314151606\n";
    private const string Counted = "S0030000FC\n" + Data + "S5030001FB\nS9030101FA\n";

    [Fact]
    public void What_is_written_is_read_back() => Prop
        .ForAll(ArbitraryImage.Any, image => Read(Write(image)).Equals(image.WithLinearStart()))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_read_is_written_the_same_again() => Prop
        .ForAll(ArbitraryImage.Any, image => Write(Read(Write(image))).SequenceEqual(Write(image)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_flipped_bit_of_a_counted_file_is_refused_unless_it_is_the_case_of_a_digit()
    {
        var whole = Ascii(Counted);
        var image = Read(whole);
        var letters = 0;
        ForEachFlip(whole, (flipped, bit) =>
        {
            if (!SRecord.Format.Read(flipped).Refused(out var read, out var why))
            {
                Assert.Equal(image, read);
                Assert.Equal(5, bit % 8);
                Assert.Contains((char)whole[bit / 8], "ABCDEF");
                letters++;
            }
            else
            {
                Assert.Equal(Reason.BadImage, why.Reason);
            }
        });

        Assert.Equal(whole.Count(character => character is >= (byte)'A' and <= (byte)'F'), letters);
    }

    [Fact]
    public void Without_a_count_only_a_first_line_can_change_between_header_and_data()
    {
        var whole = Ascii("S0040000AA51\n" + Data + "S9030000FC\n");
        var image = Read(whole);
        var others = new List<string>();
        ForEachFlip(whole, (flipped, bit) =>
        {
            if (!SRecord.Format.Read(flipped).Refused(out var read, out _) && !read.Equals(image))
            {
                others.Add($"{(char)flipped[bit / 8]} at {bit / 8}");
            }
        });

        Assert.Equal(["1 at 1"], others);
    }

    [Fact]
    public void Any_lines_give_an_image_or_a_refusal()
    {
        var pieces = Gen.Elements(
            "S", "0", "A", "f", "\n", "\r\n", "S9030000FC", "S0030000FC\n", "S1040000AA51\n", "S1040001AA50\n",
            "S205000000AA50\n", "S5030001FB\n", "S804000000FB\n", "é", " ");
        Prop.ForAll(
            pieces.ListOf().ToArbitrary(),
            text =>
            {
                var refused = SRecord.Format.Read(Encoding.UTF8.GetBytes(string.Concat(text)))
                    .Refused(out var image, out var why);
                return refused ? why!.Reason == Reason.BadImage : Read(Write(image!)).Equals(image);
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_refusal_names_the_line()
    {
        SRecord.Format.Read(Ascii("S0030000FC\n" + Data.Replace("0A0B", "0A0C"))).Refused(out _, out var why);

        Assert.Equal(Reason.BadImage, why?.Reason);
        Assert.StartsWith("line 2: ", why?.Detail);
    }

    [Theory]
    [InlineData(65535, "S503FFFFFE\n")]
    [InlineData(65536, "S604010000FA\n")]
    public void A_count_above_16_bits_is_a_longer_record(int records, string expected)
    {
        var image = MemoryImage.Of([(0, new byte[records * 16])], start: null).OrThrow();
        var text = Encoding.ASCII.GetString(Write(image));

        Assert.EndsWith(expected + "S804000000FB\n", text);
        Assert.Equal(image, Read(Ascii(text)));
    }

    [Fact]
    public void More_than_256_MiB_of_text_is_refused_unread()
    {
        SRecord.Format.Read(new byte[SRecord.MaxTextBytes + 1]).Refused(out _, out var why);

        Assert.Equal(Reason.TooLarge, why?.Reason);
    }

    [Fact]
    public void A_secret_image_is_read_and_written_as_the_same_bytes()
    {
        using var secret = SRecord.Format.ReadSecret(Ascii(Counted)).OrThrow();
        using var file = SRecord.Format.Write(secret).OrThrow();

        Assert.Equal(Counted, Encoding.ASCII.GetString(file.Expose()));
    }

    private static void ForEachFlip(byte[] whole, Action<byte[], int> check)
    {
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            check(flipped, bit);
        }
    }

    private static MemoryImage Read(byte[] file) => SRecord.Format.Read(file).OrThrow();

    private static byte[] Write(MemoryImage image) => SRecord.Format.Write(image).OrThrow();

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
