using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

public sealed class P256Tests
{
    private static readonly BigInteger Order = BigInteger.Parse(
        "0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    [Fact]
    public void A_scalar_is_from_one_to_the_order_less_one()
    {
        Assert.False(P256.IsScalar(Bytes(0)));
        Assert.True(P256.IsScalar(Bytes(1)));
        Assert.True(P256.IsScalar(Bytes(Order - 1)));
        Assert.False(P256.IsScalar(Bytes(Order)));
        Assert.False(P256.IsScalar(Bytes(Order + 1)));
        Assert.False(P256.IsScalar(Bytes((BigInteger.One << 256) - 1)));
    }

    [Fact]
    public void Half_the_order_is_the_highest_low_s()
    {
        var half = Order / 2;
        Assert.True(P256.HasLowS([.. Bytes(1), .. Bytes(half)]));
        Assert.False(P256.HasLowS([.. Bytes(1), .. Bytes(half + 1)]));
        Assert.False(P256.HasLowS([.. Bytes(1), .. Bytes(half)[..31]]));
        Assert.False(P256.HasLowS([.. Bytes(1), .. Bytes(1), 0]));
    }

    [Fact]
    public void A_high_s_is_lowered_and_a_low_one_stays()
    {
        foreach (var s in new[] { 1, Order / 2, (Order / 2) + 1, Order - 256, Order - 1 })
        {
            byte[] signature = [.. Bytes(7), .. Bytes(s)];
            P256.LowerS(signature);
            Assert.Equal([.. Bytes(7), .. Bytes(BigInteger.Min(s, Order - s))], signature);
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(192)]
    public void Adding_one_carries_into_the_next_limb(int bits)
    {
        var power = BigInteger.One << bits;
        var scalar = new byte[P256.ScalarSize];
        P256.ScalarFromDerived([.. new byte[16], .. Bytes(power - 1)], scalar);
        Assert.Equal(Bytes(power), scalar);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(47)]
    [InlineData(49)]
    public void Deriving_a_scalar_from_other_than_48_bytes_is_a_bug(int size)
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => P256.ScalarFromDerived(new byte[size], new byte[P256.ScalarSize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SigningKey.FromDerived(new byte[size]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HpkePrivateKey.FromDerived(new byte[size]));
    }

    [Fact]
    public void Nobody_signs_with_zero_or_with_the_order()
    {
        Assert.ThrowsAny<CryptographicException>(() => SigningKey.FromScalar(Bytes(0)));
        Assert.ThrowsAny<CryptographicException>(() => SigningKey.FromScalar(Bytes(Order)));
    }

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[P256.ScalarSize - bytes.Length], .. bytes];
    }
}
