using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.KeyDownload;
using Keywright.Protocol.Sealing.KeyDownload;

namespace Keywright.ConformanceTests.Protocol.Published;

public sealed class X9143VectorTests
{
    [Fact]
    public void Every_published_key_block_of_version_d_opens() => ForEach((protection, key, text) =>
    {
        var block = KeyBlock.Parse(Encoding.ASCII.GetBytes(text)).OrThrow();
        using var opened = KeyBlockOpener.Open(protection, block).OrThrow();
        Assert.Equal(key, opened.Expose());
        Assert.Equal("P0", block.Header.Usage);
        Assert.Equal("AE00E", $"{block.Header.Algorithm}{block.Header.Mode}{block.Header.KeyVersion}" +
            block.Header.Exportability);
    });

    [Fact]
    public void The_published_block_that_hides_its_length_comes_out_again_when_built()
    {
        var built = 0;
        ForEach((protection, key, text) =>
        {
            if (text.Length == 144)
            {
                var header = KeyBlock.Parse(Encoding.ASCII.GetBytes(text)).OrThrow().Header;
                using var application = new ApplicationKey(key);
                var padding = new Padding(Clear(protection, text)[(2 + key.Length)..]);
                var block = KeyBlockSealer.Seal(protection, header, application, padding);
                Assert.Equal(text, Encoding.ASCII.GetString(block));
                built++;
            }
        });
        Assert.Equal(1, built);
    }

    // By hand: the encryption key is CMAC over two inputs, the IV is the MAC.
    private static byte[] Clear(OperationKey protection, string text)
    {
        var key = new byte[32];
        AesCmac.Compute(protection.Expose(), Convert.FromHexString("0100000000040100"), key);
        AesCmac.Compute(protection.Expose(), Convert.FromHexString("0200000000040100"), key.AsSpan(16));
        using var aes = Aes.Create();
        aes.Key = key;
        return aes.DecryptCbc(
            Convert.FromHexString(text[16..^32]), Convert.FromHexString(text[^32..]), PaddingMode.None);
    }

    private static void ForEach(Action<OperationKey, byte[], string> check)
    {
        using var file = JsonDocument.Parse(
            File.ReadAllBytes(PublishedVectors.Require("x9143/version-d.json")));
        Assert.Equal(2, file.RootElement.GetArrayLength());
        foreach (var test in file.RootElement.EnumerateArray())
        {
            var kbpk = Convert.FromHexString(test.GetProperty("kbpk").GetString()!);
            using var protection = OperationKey.FromBytes(kbpk);
            var key = Convert.FromHexString(test.GetProperty("key").GetString()!);
            check(protection, key, test.GetProperty("keyBlock").GetString()!);
        }
    }

    private sealed class Padding(byte[] bytes) : IEntropy
    {
        public void Fill(Span<byte> destination) => bytes.CopyTo(destination);
    }
}
