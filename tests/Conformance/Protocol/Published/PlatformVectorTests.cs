using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Protocol.Published;

/// <summary>What Keywright takes from the platform does what Wycheproof asks, on the machine that runs this.</summary>
public sealed class PlatformVectorTests
{
    [Fact]
    public void Every_wycheproof_case_of_aes_gcm_is_judged_as_it_says() =>
        Wycheproof.ForEach("wycheproof/aes_gcm_test.json", (_, test) =>
        {
            // The platform takes nonces of 12 bytes only, as every format here does.
            var expected = test.IsValid() && test.Bytes("iv").Length == 12;
            var output = new byte[test.Bytes("ct").Length];
            try
            {
                using var gcm = new AesGcm(test.Bytes("key"), test.Bytes("tag").Length);
                gcm.Decrypt(test.Bytes("iv"), test.Bytes("ct"), test.Bytes("tag"), output, test.Bytes("aad"));
                Assert.True(expected, test.Name());
                Assert.Equal(test.Bytes("msg"), output);
            }
            catch (Exception fault) when (fault is AuthenticationTagMismatchException or ArgumentException)
            {
                Assert.False(expected, test.Name());
            }
        });

    [Fact]
    public void Every_wycheproof_case_of_aes_kwp_is_judged_as_it_says() =>
        Wycheproof.ForEach("wycheproof/aes_kwp_test.json", (_, test) =>
        {
            using var aes = Aes.Create();
            aes.Key = test.Bytes("key");
            try
            {
                Assert.Equal(test.Bytes("msg"), aes.DecryptKeyWrapPadded(test.Bytes("ct")));
                Assert.True(test.IsValid(), test.Name());
                Assert.Equal(test.Bytes("ct"), aes.EncryptKeyWrapPadded(test.Bytes("msg")));
            }
            catch (Exception fault) when (fault is CryptographicException or ArgumentException)
            {
                Assert.False(test.IsValid(), test.Name());
            }
        });

    [Theory]
    [InlineData("wycheproof/hkdf_sha256_test.json", "SHA256")]
    [InlineData("wycheproof/hkdf_sha512_test.json", "SHA512")]
    public void Every_wycheproof_case_of_hkdf_is_judged_as_it_says(string file, string hash) =>
        Wycheproof.ForEach(file, (_, test) =>
        {
            var size = test.GetProperty("size").GetInt32();
            if (test.IsValid())
            {
                Assert.Equal(
                    test.Bytes("okm"),
                    HKDF.DeriveKey(new(hash), test.Bytes("ikm"), size, test.Bytes("salt"), test.Bytes("info")));
            }
            else
            {
                Assert.ThrowsAny<ArgumentException>(
                    () => HKDF.DeriveKey(new(hash), test.Bytes("ikm"), size, test.Bytes("salt"), test.Bytes("info")));
            }
        });

    [Fact]
    public void Our_own_expansion_with_sha_512_gives_what_wycheproof_says() =>
        Wycheproof.ForEach("wycheproof/hkdf_sha512_test.json", (_, test) =>
        {
            var key = HKDF.Extract(HashAlgorithmName.SHA512, test.Bytes("ikm"), test.Bytes("salt"));
            var output = new byte[test.GetProperty("size").GetInt32()];
            if (test.IsValid())
            {
                HkdfSha512.Expand(key, test.Bytes("info"), output);
                Assert.Equal(test.Bytes("okm"), output);
            }
            else
            {
                Assert.ThrowsAny<ArgumentException>(() => HkdfSha512.Expand(key, test.Bytes("info"), output));
            }
        });
}
