using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.UnitTests.Protocol;

public sealed class CborBoundaryTests
{
    [Theory]
    [InlineData(255uL, "18ff")]
    [InlineData(256uL, "190100")]
    [InlineData(65_535uL, "19ffff")]
    [InlineData(65_536uL, "1a00010000")]
    [InlineData(4_294_967_295uL, "1affffffff")]
    [InlineData(4_294_967_296uL, "1b0000000100000000")]
    [InlineData(ulong.MaxValue, "1bffffffffffffffff")]
    public void On_both_sides_of_a_width_there_is_one_form(ulong value, string hex)
    {
        using var writer = new CborWriter();
        Assert.Equal(hex, Convert.ToHexStringLower(writer.UInt(value).Written));
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(value, reader.UInt(ulong.MaxValue));
        Assert.Null(reader.Finish());
    }

    [Theory]
    [InlineData("1817")]
    [InlineData("1900ff")]
    [InlineData("1a0000ffff")]
    [InlineData("1b00000000ffffffff")]
    public void The_highest_number_of_a_width_is_refused_in_the_next(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        reader.UInt(ulong.MaxValue);
        Assert.Equal(Reason.Malformed, reader.Finish()?.Reason);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(30)]
    [InlineData(31)]
    public void A_width_that_the_profile_does_not_know_is_refused_however_much_follows(byte lead)
    {
        var source = new byte[1 + 128];
        source.AsSpan().Fill(0xff);
        source[0] = lead;
        var reader = new CborReader(source);
        reader.UInt(ulong.MaxValue);
        Assert.Equal(Reason.Malformed, reader.Finish()?.Reason);
        Assert.Equal(0, reader.Position);
    }

    [Fact]
    public void The_next_major_type_is_that_of_the_item_to_come()
    {
        var reader = new CborReader([0x05, 0x20, 0x40, 0x60, 0xf5]);
        Assert.Equal(0, reader.NextMajor);
        reader.UInt(5);
        Assert.Equal(1, reader.NextMajor);
        reader.Int(-1, -1);
        Assert.Equal(2, reader.NextMajor);
        reader.Bytes(0);
        Assert.Equal(3, reader.NextMajor);
        reader.Text(0, 0);
        Assert.Equal(7, reader.NextMajor);
        Assert.True(reader.Bool());
        Assert.Equal(-1, reader.NextMajor);
        Assert.Null(reader.Finish());
    }

    [Fact]
    public void There_is_no_next_major_type_once_something_is_refused()
    {
        var reader = new CborReader([0x05, 0x05]);
        reader.UInt(4);
        Assert.True(reader.Failed);
        Assert.Equal(-1, reader.NextMajor);
    }

    [Theory]
    [InlineData("00", 0L)]
    [InlineData("1b7fffffffffffffff", long.MaxValue)]
    [InlineData("3b7fffffffffffffff", long.MinValue)]
    public void An_integer_has_63_bits_and_a_sign(string hex, long expected)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(expected, reader.Int(long.MinValue, long.MaxValue));
        Assert.Null(reader.Finish());
    }

    [Theory]
    [InlineData("1b8000000000000000", long.MinValue, long.MaxValue)]
    [InlineData("3b8000000000000000", long.MinValue, long.MaxValue)]
    [InlineData("3bffffffffffffffff", long.MinValue, long.MaxValue)]
    [InlineData("06", -5L, 5L)]
    [InlineData("25", -5L, 5L)]
    public void An_integer_beyond_its_bounds_is_too_large_and_reads_as_nothing(string hex, long min, long max)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(0, reader.Int(min, max));
        Assert.Equal(Reason.TooLarge, reader.Finish()?.Reason);
    }

    [Theory]
    [InlineData("26", -7L)]
    [InlineData("1b7fffffffffffffff", long.MaxValue)]
    [InlineData("1bffffffffffffffff", long.MaxValue)]
    [InlineData("3bffffffffffffffff", long.MinValue)]
    public void An_integer_without_bounds_is_no_refusal_however_large(string hex, long expected)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(expected, reader.Int());
        Assert.Null(reader.Finish());
    }

    [Theory]
    [InlineData("05", 5L)]
    [InlineData("24", -5L)]
    public void An_integer_at_its_bound_is_read(string hex, long expected)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(expected, reader.Int(-5, 5));
        Assert.Null(reader.Finish());
    }

    [Theory]
    [InlineData("f3")]
    [InlineData("f6")]
    [InlineData("f7")]
    [InlineData("f815")]
    [InlineData("01")]
    public void What_is_neither_true_nor_false_is_refused(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.False(reader.Bool());
        Assert.Equal(Reason.Malformed, reader.Finish()?.Reason);
    }

    [Theory]
    [InlineData("f4", false)]
    [InlineData("f5", true)]
    public void True_and_false_are_read(string hex, bool expected)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(expected, reader.Bool());
        Assert.Null(reader.Finish());
    }

    [Fact]
    public void A_container_that_its_reader_forgot_to_end_is_a_bug() =>
        Assert.Throws<InvalidOperationException>(() =>
        {
            var reader = new CborReader([0x81, 0x00]);
            reader.Array(1, 1);
            reader.UInt(0);
            reader.Finish();
        });

    [Theory]
    [InlineData(-25)]
    [InlineData(24)]
    public void A_key_of_more_than_one_byte_is_a_bug(int key)
    {
        using var writer = new CborWriter();
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Key(key));
    }

    [Fact]
    public void A_writer_that_grows_many_times_keeps_what_was_written()
    {
        using var writer = new CborWriter(capacityBytes: 1);
        using var another = new CborWriter(capacityBytes: 1);
        for (var i = 0u; i < 5000; i++)
        {
            writer.UInt(i);
            another.UInt(5000 - i);
        }

        var reader = new CborReader(writer.Written);
        var other = new CborReader(another.Written);
        for (var i = 0u; i < 5000; i++)
        {
            Assert.Equal((i, 5000 - i), (reader.UInt32(), other.UInt32()));
        }

        Assert.Null(reader.Finish());
        Assert.Null(other.Finish());
    }
}
