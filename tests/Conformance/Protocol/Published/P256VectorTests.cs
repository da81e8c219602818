using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Protocol.Published;

/// <summary>Our keys on P-256 agree and verify as Wycheproof says.</summary>
public sealed class P256VectorTests
{
    [Fact]
    public void Every_wycheproof_agreement_comes_out_or_is_refused_as_it_says() =>
        Wycheproof.ForEach("wycheproof/ecdh_secp256r1_ecpoint_test.json", (_, test) =>
        {
            using var key = HpkePrivateKey.FromScalar(Scalar(test.Bytes("private")));
            var point = test.Bytes("public");
            var agreed = key.Agree(point);

            // A compressed point is a right one elsewhere; ours have 65 bytes.
            var expected = point.Length == HpkePublicKey.Size && !test.GetProperty("result").ValueEquals("invalid");
            Assert.Equal(expected, agreed is not null);
            Assert.Equal(!expected, HpkePublicKey.Parse(point).Refused(out var parsed, out var why));
            Assert.Equal(expected, parsed is not null);
            Assert.Equal(expected ? null : Reason.UnknownKey, why?.Reason);
            if (expected)
            {
                Assert.Equal(test.Bytes("shared"), agreed);
            }
        });

    [Fact]
    public void Every_wycheproof_signature_is_verified_as_it_says()
    {
        var high = 0;
        Wycheproof.ForEach("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json", (group, test) =>
        {
            var key = PublicKey
                .Parse(Convert.FromHexString(group.GetProperty("publicKey").GetProperty("uncompressed").GetString()!))
                .OrThrow();
            var message = test.Bytes("msg");
            var signature = test.Bytes("sig");
            Assert.True(test.IsValid() == key.VerifyEitherForm(message, signature), test.Name());

            // Messages take one of the two forms of a signature only (docs/spec/wire.md §3).
            var low = P256.HasLowS(signature);
            Assert.True((test.IsValid() && low) == key.Verify(message, signature), test.Name());
            high += test.IsValid() && !low ? 1 : 0;
        });
        Assert.True(high > 0);
    }

    // The file writes scalars as signed integers, some shorter or with a zero in front.
    private static byte[] Scalar(byte[] written)
    {
        var digits = written.AsSpan().TrimStart((byte)0);
        return [.. new byte[32 - digits.Length], .. digits];
    }
}
