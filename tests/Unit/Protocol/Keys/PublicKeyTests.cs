using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

public sealed class PublicKeyTests
{
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
}
