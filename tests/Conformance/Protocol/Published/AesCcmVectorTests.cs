using System.Security.Cryptography;
using System.Text.Json;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.ConformanceTests.Protocol.Published;

/// <summary>AES-CCM as suite 2 of packages uses it: the platform's own, and ours above it.</summary>
[Trait("Req", "P07")]
public sealed class AesCcmVectorTests
{
    private const int NonceBits = 96;
    private const int TagBits = 128;

    /// <summary>SP 800-38C appendix C, examples 1 to 4.</summary>
    [Theory]
    [InlineData(7, 8, 4, "7162015b4dac255d")]
    [InlineData(8, 16, 16, "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd")]
    [InlineData(12, 20, 24, "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951")]
    [InlineData(13, 65536, 32,
        "69915dad1e84c6376a68c2967e4dab615ae0fd1faec44cc484828529463ccf72b4ac6bec93e8598e7f0dadbcea5b")]
    public void The_examples_of_the_standard_come_out(int nonceSize, int dataSize, int size, string expected)
    {
        using var aes = new AesCcm(From(0x40, 16));
        var output = new byte[expected.Length / 2];

        aes.Encrypt(
            From(0x10, nonceSize), From(0x20, size), output.AsSpan(0, size), output.AsSpan(size), From(0, dataSize));

        Assert.Equal(expected, Convert.ToHexStringLower(output));
    }

    [Fact]
    public void Every_wycheproof_case_of_our_sizes_is_judged_as_it_says()
    {
        var (all, ours) = (0, 0);
        foreach (var (test, keyBits) in Cases())
        {
            Assert.Equal(Says(test), Accepts(test));
            all++;
            if (keyBits == 256 && Bytes(test, "aad").Length == 0)
            {
                Assert.Equal(Says(test), SuiteAccepts(test));
                ours++;
            }
        }

        // Of 552 cases: nonces of 12 bytes with tags of 16, under keys of three sizes; of those, our key and no
        // associated data.
        Assert.Equal(3 * 78, all);
        Assert.Equal(47, ours);
    }

    private static IEnumerable<(JsonElement Test, int KeyBits)> Cases()
    {
        using var file = JsonDocument.Parse(
            File.ReadAllBytes(PublishedVectors.Require("wycheproof/aes_ccm_test.json")));
        foreach (var group in file.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            if (group.GetProperty("ivSize").GetInt32() != NonceBits
                || group.GetProperty("tagSize").GetInt32() != TagBits)
            {
                continue;
            }

            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                yield return (test, group.GetProperty("keySize").GetInt32());
            }
        }
    }

    private static bool Accepts(JsonElement test)
    {
        var ciphertext = Bytes(test, "ct");
        var clear = new byte[ciphertext.Length];
        using var aes = new AesCcm(Bytes(test, "key"));
        try
        {
            aes.Decrypt(Bytes(test, "iv"), ciphertext, Bytes(test, "tag"), clear, Bytes(test, "aad"));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        Assert.Equal(Bytes(test, "msg"), clear);
        return true;
    }

    private static bool SuiteAccepts(JsonElement test)
    {
        using var key = new PartKey(PackageSuite.Ccm, Bytes(test, "key"));
        using var cipher = PartCipher.Of(key);
        byte[] block = [.. Bytes(test, "ct"), .. Bytes(test, "tag")];
        var clear = new byte[Bytes(test, "msg").Length];
        if (!cipher.TryOpen(Bytes(test, "iv"), block, clear))
        {
            return false;
        }

        var again = new byte[block.Length];
        cipher.Seal(Bytes(test, "iv"), clear, again);
        Assert.Equal(block, again);
        Assert.Equal(Bytes(test, "msg"), clear);
        return true;
    }

    private static bool Says(JsonElement test) => test.GetProperty("result").GetString() == "valid";

    private static byte[] Bytes(JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString()!);

    private static byte[] From(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(value => (byte)value)];
}
