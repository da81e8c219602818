using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

public sealed class CmacKdfTests
{
    // Made with OpenSSL 3.0: openssl kdf -kdfopt mac:CMAC -kdfopt mode:counter -kdfopt salt:LABEL -kdfopt
    // hexinfo:CONTEXT KBKDF
    [Theory]
    [InlineData(16, "ecd902c0598616413926373dbff39fb9")]
    [InlineData(16, "dd1f198c1b9d18c6619b21ff758a6aaa440c860ea18d1b0b3b0224e26da5603b")]
    [InlineData(16, "fa4d0f718f7a490ab41f8d112c96fb19c7b7db372bb8eafe8be1a9b865380a51f64dfed971f34fb3")]
    [InlineData(24, "610cb1ac99e2d025a78c48b8a7bf24a354a9afb4b18707c882a893366cd5f59c")]
    [InlineData(32, "dc27123c17631a90eb78ae125e0747ec")]
    [InlineData(32, "ccd8b1f0e2591500d9ed9879284bf601ed21e22271820f122cdc7db621764d29")]
    public void Another_implementation_derives_the_same(int keySize, string expected)
    {
        var key = new byte[keySize];
        for (var i = 0; i < keySize; i++)
        {
            key[i] = (byte)i;
        }

        var derived = new byte[expected.Length / 2];
        CmacKdf.Derive(key, "keywright v1 operation"u8, Convert.FromHexString("83410141024103"), derived);
        Assert.Equal(expected, Convert.ToHexStringLower(derived));
    }

    [Fact]
    public void A_key_of_no_bytes_is_a_bug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CmacKdf.Derive(new byte[16], [], [], []));
}
