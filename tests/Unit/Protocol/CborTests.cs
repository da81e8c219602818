using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.UnitTests.Protocol;

public class CborTests
{
    [Theory]
    [InlineData("1817", "a number not in its shortest form")]
    [InlineData("190017", "a number in three bytes that fits in one")]
    [InlineData("1f", "an indefinite number")]
    [InlineData("20", "a negative number")]
    [InlineData("", "nothing")]
    [InlineData("0000", "bytes after the end")]
    [InlineData("19ff", "a number cut off")]
    [InlineData("1c", "a reserved length")]
    public void A_number_that_is_not_deterministic_is_refused(string hex, string what)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        reader.UInt(ulong.MaxValue);
        Assert.Equal(Reason.Malformed, reader.Finish()?.Reason);
        Assert.NotEmpty(what);
    }

    [Theory]
    [InlineData("a201010102", "a repeated key")]
    [InlineData("a202010101", "keys out of order")]
    [InlineData("a101010101", "bytes after the map")]
    [InlineData("a3010102020303", "a key nobody asked for")]
    [InlineData("a10101", "a missing key")]
    [InlineData("bf01010202ff", "an indefinite map")]
    public void A_map_with_other_keys_than_the_message_has_is_refused(string hex, string what)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        reader.Map(3);
        reader.Key(1);
        reader.UInt(9);
        reader.Key(2);
        reader.UInt(9);
        reader.EndMap();
        Assert.Equal(Reason.Malformed, reader.Finish()?.Reason);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Nesting_stops_at_the_limit()
    {
        var reader = new CborReader([0x81, 0x81, 0x81, 0x81, 0x81, 0x00]);
        for (var i = 0; i < 5; i++)
        {
            reader.Array(1, 1);
        }

        Assert.Equal(Reason.Malformed, reader.Finish()?.Reason);
    }

    [Fact]
    public void A_count_or_size_above_the_limit_is_too_large()
    {
        var array = new CborReader([0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        array.Array(0, 100);
        Assert.Equal(Reason.TooLarge, array.Finish()?.Reason);

        var bytes = new CborReader([0x5a, 0x7f, 0xff, 0xff, 0xff]);
        Assert.True(bytes.Bytes(0, 16).IsEmpty);
        Assert.Equal(Reason.TooLarge, bytes.Finish()?.Reason);
    }

    [Fact]
    public void Another_version_is_refused_by_that_name()
    {
        var reader = new CborReader([0xa1, 0x00, 0x02]);
        reader.Map(1);
        reader.Version(1);
        reader.EndMap();
        Assert.Equal(Reason.WrongVersion, reader.Finish()?.Reason);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        var reader = new CborReader([0x62, 0xc3, 0x28]);
        Assert.Equal(string.Empty, reader.Text(0, 8));
        Assert.Equal(Reason.Malformed, reader.Finish()?.Reason);
    }

    [Fact]
    public void Optional_keys_may_be_there_or_not()
    {
        foreach (var (hex, expected) in new[] { ("a20001010a", 10u), ("a10001", 0u) })
        {
            var reader = new CborReader(Convert.FromHexString(hex));
            reader.Map(2);
            reader.Version(1);
            var value = reader.TryKey(1) ? reader.UInt32() : 0;
            reader.EndMap();
            Assert.Null(reader.Finish());
            Assert.Equal(expected, value);
        }
    }

    /// <summary>RFC 8949 Appendix A: encodings of integers, strings, arrays and maps within the profile.</summary>
    [Theory]
    [InlineData(0L, "00")]
    [InlineData(23L, "17")]
    [InlineData(24L, "1818")]
    [InlineData(100L, "1864")]
    [InlineData(1000L, "1903e8")]
    [InlineData(1000000L, "1a000f4240")]
    [InlineData(1000000000000L, "1b000000e8d4a51000")]
    [InlineData(-1L, "20")]
    [InlineData(-10L, "29")]
    [InlineData(-100L, "3863")]
    [InlineData(-1000L, "3903e7")]
    public void Integers_are_as_in_the_standard(long value, string hex)
    {
        using var writer = new CborWriter();
        Assert.Equal(hex, Convert.ToHexStringLower(writer.Int(value).Written));
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(value, reader.Int(long.MinValue, long.MaxValue));
        Assert.Null(reader.Finish());
    }

    [Fact]
    public void The_platforms_reader_agrees_with_what_is_written()
    {
        using var writer = new CborWriter(capacityBytes: 1);
        writer.Map(3).Key(0).UInt(ulong.MaxValue).Key(23).Text("Schlüssel").Key(-1).Array(2).Bytes(new byte[300]).Bool(true);
        var oracle = new System.Formats.Cbor.CborReader(writer.ToArray(), System.Formats.Cbor.CborConformanceMode.Ctap2Canonical);
        Assert.Equal(3, oracle.ReadStartMap());
        Assert.Equal(0, oracle.ReadInt32());
        Assert.Equal(ulong.MaxValue, oracle.ReadUInt64());
        Assert.Equal(23, oracle.ReadInt32());
        Assert.Equal("Schlüssel", oracle.ReadTextString());
        Assert.Equal(-1, oracle.ReadInt32());
        Assert.Equal(2, oracle.ReadStartArray());
        Assert.Equal(300, oracle.ReadByteString().Length);
        Assert.True(oracle.ReadBoolean());
        oracle.ReadEndArray();
        oracle.ReadEndMap();
        Assert.Equal(0, oracle.BytesRemaining);
    }
}
