using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

public sealed class AesCmacTests
{
    private static readonly byte[] Key = Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c");

    private static readonly byte[] Message = Convert.FromHexString(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");

    [Theory]
    [InlineData(0, "bb1d6929e95937287fa37d129b756746")]
    [InlineData(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(40, "dfa66747de9ae63030ca32611497c827")]
    [InlineData(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    public void The_examples_of_rfc_4493_come_out(int size, string tag)
    {
        var computed = new byte[AesCmac.TagSize];
        AesCmac.Compute(Key, Message.AsSpan(0, size), computed);
        Assert.Equal(tag, Convert.ToHexStringLower(computed));
    }

    [Fact]
    public void A_message_has_one_tag_however_it_is_cut()
    {
        var message = new byte[9000];
        for (var i = 0; i < message.Length; i++)
        {
            message[i] = (byte)(i * 31);
        }

        var whole = new byte[AesCmac.TagSize];
        var pieces = new byte[AesCmac.TagSize];
        using var cmac = new AesCmac(Key);
        foreach (var size in new[] { 0, 1, 15, 16, 17, 31, 32, 33, 4095, 4096, 4097, 4112, 4113, 8192, 9000 })
        {
            AesCmac.Compute(Key, message.AsSpan(0, size), whole);
            foreach (var step in new[] { 1, 5, 16, 17, 32, 4096, 4112, 9000 })
            {
                for (var at = 0; at < size; at += step)
                {
                    cmac.Append(message.AsSpan(at, Math.Min(step, size - at)));
                    cmac.Append([]);
                }

                cmac.Finish(pieces);
                Assert.Equal(whole, pieces);
            }
        }
    }

    [Fact]
    public void Every_changed_bit_of_a_tag_is_seen_and_a_shortened_tag_too()
    {
        using var cmac = new AesCmac(Key);
        var tag = new byte[AesCmac.TagSize];
        cmac.Append(Message);
        cmac.Finish(tag);
        foreach (var (bit, changed) in SingleBits.Of(tag))
        {
            cmac.Append(Message);
            Assert.False(cmac.Verify(changed));
        }

        cmac.Append(Message);
        Assert.False(cmac.Verify(tag.AsSpan(0, 15)));
        cmac.Append(Message);
        Assert.True(cmac.Verify(tag));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(20)]
    [InlineData(33)]
    public void A_key_of_another_length_is_a_bug(int size) =>
        Assert.Throws<ArgumentException>(() => new AesCmac(new byte[size]));

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public void Ending_a_message_of_whole_blocks_within_a_block_is_a_bug(int size)
    {
        using var cmac = new AesCmac(Key);
        cmac.Append(new byte[size]);
        Assert.Throws<InvalidOperationException>(() => cmac.FinishBlocks(false, new byte[AesCmac.TagSize]));
    }
}
