using System.Numerics;
using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.UnitTests.Protocol;

public class HpkeTests
{
    private static readonly byte[] Info = "context"u8.ToArray();

    /// <summary>RFC 9180 A.3.1, sequence number 0; the AEAD there is AES-128-GCM.</summary>
    [Fact]
    public void A_single_shot_seal_is_as_in_the_standard()
    {
        using var recipient = Hpke.DeriveKeyPair(
            Convert.FromHexString("668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"));
        Assert.Equal(
            "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d"
                + "128aafd68a2ce72ea0",
            Convert.ToHexStringLower(recipient.Public.Bytes));

        var ephemeral = new Fixed(
            Convert.FromHexString("4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e"));
        var info = Encoding.ASCII.GetBytes("Ode on a Grecian Urn");
        var aad = Encoding.ASCII.GetBytes("Count-0");
        var plaintext = Encoding.ASCII.GetBytes("Beauty is truth, truth beauty");
        var (encapsulated, ciphertext) = HpkeSealer.SealOnce(recipient.Public, info, aad, plaintext, 16, ephemeral);
        Assert.Equal(
            "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9b"
                + "fcb9382657222d18c4",
            Convert.ToHexStringLower(encapsulated));
        Assert.Equal(
            "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
            Convert.ToHexStringLower(ciphertext));
        Assert.Equal(
            plaintext, HpkeOpener.OpenOnce(recipient, encapsulated, info, aad, ciphertext, 16).OrThrow());
    }

    [Fact]
    public void Each_of_several_recipients_opens_and_a_stranger_is_refused_by_name()
    {
        var entropy = new SeededEntropy(1);
        using var one = HpkePrivateKey.Generate(entropy);
        using var two = HpkePrivateKey.Generate(entropy);
        using var stranger = HpkePrivateKey.Generate(entropy);
        var sealedContent = HpkeSealer.Seal("content"u8, Info, [one.Public, two.Public], entropy);
        Assert.Equal("content"u8.ToArray(), HpkeOpener.Open(sealedContent, Info, one, 100).OrThrow());
        Assert.Equal("content"u8.ToArray(), HpkeOpener.Open(sealedContent, Info, two, 100).OrThrow());
        Assert.Equal(Reason.NotTheRecipient, Why(HpkeOpener.Open(sealedContent, Info, stranger, 100)));
        Assert.Equal(Reason.BadSeal, Why(HpkeOpener.Open(sealedContent, "other"u8, one, 100)));
        Assert.Equal(Reason.TooLarge, Why(HpkeOpener.Open(sealedContent, Info, one, 6)));
    }

    [Fact]
    public void The_agreed_point_and_the_shared_secret_are_wiped_by_what_takes_them()
    {
        using var key = HpkePrivateKey.Generate(new SeededEntropy(1));
        var agreed = key.Agree(key.Public);
        var shared = Hpke.SharedSecret(agreed, key.Public.Bytes, key.Public.Bytes);
        Assert.Equal(new byte[32], agreed);
        Assert.NotEqual(new byte[32], shared);
        Hpke.Schedule(shared, Info, 32);
        Assert.Equal(new byte[32], shared);
    }

    [Fact]
    public void A_content_of_no_bytes_is_sealed_and_opened()
    {
        var entropy = new SeededEntropy(1);
        using var key = HpkePrivateKey.Generate(entropy);
        var sealedContent = HpkeSealer.Seal([], Info, [key.Public], entropy);
        Assert.Empty(HpkeOpener.Open(sealedContent, Info, key, 0).OrThrow());
    }

    [Fact]
    public void Every_single_bit_change_of_a_sealed_content_is_refused_to_its_only_recipient()
    {
        var entropy = new SeededEntropy(1);
        using var key = HpkePrivateKey.Generate(entropy);
        var sealedContent = HpkeSealer.Seal("content"u8, Info, [key.Public], entropy);
        foreach (var (bit, changed) in SingleBits.Of(sealedContent))
        {
            Assert.True(HpkeOpener.Open(changed, Info, key, 100).Refused(out _, out _), $"bit {bit}");
        }
    }

    [Fact]
    public void Encrypt0_opens_with_its_key_and_purpose_only_and_refuses_every_single_bit_change()
    {
        using var key = SealKey.FromBytes(new byte[32]);
        var message = Encrypt0Sealer.Seal(key, new byte[12], Info, "content"u8);
        Assert.Equal("content"u8.ToArray(), Encrypt0Opener.Open(key, Info, message, 100).OrThrow());
        Assert.Equal(Reason.BadSeal, Why(Encrypt0Opener.Open(key, "other"u8, message, 100)));
        foreach (var (bit, changed) in SingleBits.Of(message))
        {
            Assert.True(Encrypt0Opener.Open(key, Info, changed, 100).Refused(out _, out _), $"bit {bit}");
        }
    }

    /// <summary>FIPS 186-5 A.2.1 against the platform's big integers, at the edges and at 500 drawn values.</summary>
    [Fact]
    public void Scalars_from_derived_bytes_are_the_remainder_plus_one()
    {
        var order = BigInteger.Parse(
            "0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
            System.Globalization.NumberStyles.HexNumber,
            System.Globalization.CultureInfo.InvariantCulture);
        var entropy = new SeededEntropy(1);
        var samples = Enumerable.Range(0, 500).Select(_ => Drawn(entropy)).ToList();
        samples.AddRange([new byte[48], Enumerable.Repeat((byte)0xff, 48).ToArray()]);
        samples.AddRange(new[] { order - 2, order - 1, order, order * 2 - 2, (order - 1) << 128 }.Select(Padded));
        foreach (var derived in samples)
        {
            var scalar = new byte[32];
            P256.ScalarFromDerived(derived, scalar);
            var expected = (new BigInteger(derived, isUnsigned: true, isBigEndian: true) % (order - 1)) + 1;
            Assert.Equal(expected, new BigInteger(scalar, isUnsigned: true, isBigEndian: true));
        }
    }

    private static byte[] Padded(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[48 - bytes.Length], .. bytes];
    }

    private static byte[] Drawn(SeededEntropy entropy)
    {
        var bytes = new byte[48];
        entropy.Fill(bytes);
        return bytes;
    }

    private static Reason Why<T>(Outcome<T> outcome)
        where T : notnull => outcome.Refused(out _, out var why) ? why.Reason : throw new InvalidOperationException("accepted");

    private sealed class Fixed(byte[] bytes) : IEntropy
    {
        public void Fill(Span<byte> destination) => bytes.CopyTo(destination);
    }
}
