using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Protocol.Keys;

/// <summary>A key made from the bytes, which the platform keeps, goes when they are wiped.</summary>
public sealed class DisposedKeyTests
{
    [Fact]
    public void A_disposed_signing_key_signs_no_more()
    {
        var key = SigningKey.Generate(new SeededEntropy(1));
        key.Sign("before"u8);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("after"u8));
    }

    [Fact]
    public void A_disposed_opening_key_agrees_no_more()
    {
        using var peer = HpkePrivateKey.Generate(new SeededEntropy(2));
        var key = HpkePrivateKey.Generate(new SeededEntropy(1));
        key.Agree(peer.Public);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Agree(peer.Public));
    }

    [Fact]
    public void A_disposed_mac_key_tags_no_more_whether_it_did_before_or_not()
    {
        var used = MacKey.FromBytes(new byte[MacKey.Size]);
        var unused = MacKey.FromBytes(new byte[MacKey.Size]);
        used.Tag("before"u8, new byte[MacKey.TagSize]);
        used.Dispose();
        unused.Dispose();
        Assert.Throws<ObjectDisposedException>(() => used.Tag("after"u8, new byte[MacKey.TagSize]));
        Assert.Throws<ObjectDisposedException>(() => unused.Tag("after"u8, new byte[MacKey.TagSize]));
    }

    [Fact]
    public void What_outlives_a_disposed_key_is_its_public_half()
    {
        var key = SigningKey.Generate(new SeededEntropy(1));
        var signature = key.Sign("data"u8);
        key.Dispose();
        Assert.True(key.Public.Verify("data"u8, signature));
        Assert.False(key.Public.Verify("date"u8, signature));
    }
}
