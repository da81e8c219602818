using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.KeyDownload;

public sealed class DiversificationTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    [Fact]
    public void From_sixteen_bytes_on_it_is_plain_cmac()
    {
        for (var size = 16; size <= 31; size++)
        {
            byte[] input = [.. Enumerable.Range(7, size).Select(i => (byte)i)];
            var diversified = new byte[16];
            var plain = new byte[16];
            Diversification.Diversify(Key, input, diversified);
            AesCmac.Compute(Key, [0x01, .. input], plain);
            Assert.Equal(plain, diversified);
        }
    }

    [Fact]
    public void Shorter_inputs_are_padded_to_two_blocks_and_so_differ_from_plain_cmac()
    {
        for (var size = 1; size <= 15; size++)
        {
            byte[] input = [.. Enumerable.Range(7, size).Select(i => (byte)i)];
            var diversified = new byte[16];
            var plain = new byte[16];
            Diversification.Diversify(Key, input, diversified);
            AesCmac.Compute(Key, [0x01, .. input], plain);
            Assert.NotEqual(plain, diversified);
        }
    }

    [Fact]
    public void No_two_units_have_one_key_however_their_numbers_are_cut()
    {
        using var transport = new TransportKey(Key);
        var keys = new HashSet<string>();
        (string, string)[] units = [("01", "0203"), ("0102", "03"), ("0102", "04"), ("02", "0203")];
        foreach (var (serial, application) in units)
        {
            var number = new SerialNumber(Convert.FromHexString(serial));
            using var unit = Diversification.KeyOf(transport, number, Convert.FromHexString(application));
            Assert.True(keys.Add(Convert.ToHexString(unit.Expose())));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public void An_input_of_another_length_is_a_bug(int size) => Assert.ThrowsAny<ArgumentException>(
        () => Diversification.Diversify(Key, new byte[size], new byte[16]));

    [Theory]
    [InlineData(15)]
    [InlineData(33)]
    public void A_key_that_is_not_aes_is_a_bug(int size)
    {
        Assert.Throws<ArgumentException>(() => new TransportKey(new byte[size]));
        Assert.Throws<ArgumentException>(() => new UnitKey(new byte[size]));
        Assert.Throws<ArgumentException>(() => new ApplicationKey(new byte[size]));
    }
}
