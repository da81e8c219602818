using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

public sealed class PublicKeyTests
{
    /// <summary>The point with the smallest x.</summary>
    private const string SmallX =
        "040000000000000000000000000000000000000000000000000000000000000005459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";

    private static readonly byte[] Point = PointOf(1);
    private static readonly byte[] OtherPoint = PointOf(2);

    public static TheoryData<string, byte[]> NotPoints { get; } = new()
    {
        { "nothing", [] },
        { "without its 04", Point[1..] },
        { "a byte short", Point[..^1] },
        { "a byte long", [.. Point, 0] },
        { "compressed", [(byte)(2 + (Point[^1] & 1)), .. Point[1..33]] },
        { "marked as another form", [0x05, .. Point[1..]] },
        { "hybrid", [(byte)(6 + (Point[^1] & 1)), .. Point[1..]] },
        { "off the curve", [.. Point[..^1], (byte)(Point[^1] ^ 1)] },
        { "at infinity", new byte[65] },
        { "the same point with p added to x", Convert.FromHexString(SmallX.Replace("040000000000000000000000000000000000000000000000000000000000000005", "04ffffffff00000001000000000000000000000001000000000000000000000004")) },
        { "with coordinates above p", [0x04, .. Enumerable.Repeat((byte)0xFF, 64)] },
    };

    [Theory]
    [MemberData(nameof(NotPoints))]
    public void What_is_not_an_uncompressed_point_is_no_key(string what, byte[] bytes)
    {
        Assert.True(PublicKey.Parse(bytes).Refused(out _, out var why), what);
        Assert.Equal(Reason.UnknownKey, why.Reason);
        Assert.True(HpkePublicKey.Parse(bytes).Refused(out _, out why), what);
        Assert.Equal(Reason.UnknownKey, why.Reason);
    }

    [Fact]
    public void The_platform_takes_the_same_points_and_no_others()
    {
        Assert.False(PublicKey.Parse(Convert.FromHexString(SmallX)).Refused(out _, out _));
        var noise = new SeededEntropy(11);
        var draw = new byte[2];
        for (var i = 0; i < 300; i++)
        {
            var point = PointOf((ulong)i + 10);
            noise.Fill(draw);
            if (i % 3 != 0)
            {
                point[1 + (draw[0] % 64)] ^= draw[1];
            }

            Assert.Equal(!IsTakenByThePlatform(point), PublicKey.Parse(point).Refused(out _, out _));
        }
    }

    [Fact]
    public void Keys_to_verify_with_are_compared_by_value()
    {
        var key = PublicKey.Parse(Point).OrThrow();
        var same = PublicKey.Parse(Point).OrThrow();
        var other = PublicKey.Parse(OtherPoint).OrThrow();
        Assert.True(key.Equals(same));
        Assert.True(key.Equals((object)same));
        Assert.Equal(key.GetHashCode(), same.GetHashCode());
        Assert.False(key.Equals(other));
        Assert.False(key.Equals(null));
        Assert.False(key.Equals((object)"key"));
    }

    [Fact]
    public void Keys_to_seal_to_are_compared_by_value()
    {
        var key = HpkePublicKey.Parse(Point).OrThrow();
        var same = HpkePublicKey.Parse(Point).OrThrow();
        var other = HpkePublicKey.Parse(OtherPoint).OrThrow();
        Assert.True(key.Equals(same));
        Assert.True(key.Equals((object)same));
        Assert.Equal(key.GetHashCode(), same.GetHashCode());
        Assert.False(key.Equals(other));
        Assert.False(key.Equals(null));
        Assert.False(key.Equals((object)"key"));
    }

    private static byte[] PointOf(ulong seed)
    {
        using var key = SigningKey.Generate(new SeededEntropy(seed));
        return key.Public.Bytes.ToArray();
    }

    private static bool IsTakenByThePlatform(byte[] point)
    {
        try
        {
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point[1..33], Y = point[33..] },
            });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
