using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol;

public sealed class NameAndIdTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_digest_of_other_than_32_bytes_is_a_bug(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Digest(new byte[size]));

    [Fact]
    public void A_chip_id_prints_its_17_bytes()
    {
        var id = ChipId.FromRandom([.. Enumerable.Range(0xa0, 16).Select(i => (byte)i)]);
        Assert.Equal("01a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", id.ToString());
        Assert.Equal(id, ChipId.Parse(id.ToString()).OrThrow());
    }

    [Fact]
    public void A_device_id_prints_its_characters_and_none_when_there_is_none()
    {
        Assert.Equal("490154203237518", DeviceId.Parse("490154203237518").OrThrow().ToString());
        Assert.Equal(string.Empty, default(DeviceId).ToString());
    }

    [Fact]
    public void Both_kinds_of_public_key_print_the_first_8_bytes_of_their_id()
    {
        using var signing = SigningKey.Generate(new SeededEntropy(1));
        using var opening = HpkePrivateKey.Generate(new SeededEntropy(1));
        Assert.Equal(Printed(signing.Public.Id), signing.Public.ToString());
        Assert.Equal(Printed(opening.Public.Id), opening.Public.ToString());

        static string Printed(Digest id) => $"key {Convert.ToHexStringLower(id.ToArray()[..8])}";
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(" ", true)]
    [InlineData("~", true)]
    [InlineData("\u007f", false)]
    [InlineData("\u001f", false)]
    [InlineData("abcdefghijklmnopqrstuvwxyz012345", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456", false)]
    public void A_name_is_1_to_32_printable_ascii_characters(string text, bool valid)
    {
        Assert.Equal(valid, ShortText.IsValid(text));
        Assert.Equal(valid ? null : Reason.Malformed, ShortText.Judge("product", text)?.Reason);
    }

    [Fact]
    public void Of_a_refusals_detail_only_the_control_characters_are_replaced() =>
        Assert.Equal("all·is well", new Refusal(Reason.WrongType, "all\nis well").Detail);
}
