using System.Text.RegularExpressions;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.ConformanceTests.Protocol.Published;

/// <summary>RFC 9180 A.3.1 as the standard prints it. Its AEAD is AES-128-GCM; all else is our suite.</summary>
public sealed partial class HpkeVectorTests
{
    [Fact]
    public void Keys_schedule_and_first_encryption_are_as_in_the_standard()
    {
        var text = File.ReadAllText(PublishedVectors.Require("hpke/rfc9180-a3-p256-aes128gcm.txt"));
        var setup = Read(text[..text.IndexOf("### PSK Setup", StringComparison.Ordinal)]);

        using var recipient = Hpke.DeriveKeyPair(setup["ikmR"]);
        using var ephemeral = Hpke.DeriveKeyPair(setup["ikmE"]);
        Assert.Equal(setup["skRm"], recipient.Expose());
        Assert.Equal(setup["pkRm"], recipient.Public.Bytes);
        Assert.Equal(setup["skEm"], ephemeral.Expose());
        Assert.Equal(setup["enc"], ephemeral.Public.Bytes);

        var shared = Hpke.SharedSecret(recipient.Agree(setup["enc"])!, setup["enc"], recipient.Public.Bytes);
        Assert.Equal(setup["shared_secret"], shared);
        var (key, nonce) = Hpke.Schedule(shared, setup["info"], keySize: 16);
        Assert.Equal(setup["key"], key);
        Assert.Equal(setup["base_nonce"], nonce);

        var (encapsulated, sealedText) = HpkeSealer.SealOnce(
            recipient.Public, setup["info"], setup["aad"], setup["pt"], 16, new Drawn(setup["ikmE"]));
        Assert.Equal(setup["enc"], encapsulated);
        Assert.Equal(setup["ct"], sealedText);
        Assert.Equal(
            setup["pt"],
            HpkeOpener.OpenOnce(recipient, setup["enc"], setup["info"], setup["aad"], setup["ct"], 16).OrThrow());
    }

    // "name: hex", the hex over several lines; of the encryptions the first, which is what a single shot makes.
    private static Dictionary<string, byte[]> Read(string text)
    {
        var values = new Dictionary<string, byte[]>();
        foreach (Match field in Field().Matches(text))
        {
            var hex = string.Concat(field.Groups["hex"].Value.Where(char.IsAsciiHexDigit));
            values.TryAdd(field.Groups["name"].Value, Convert.FromHexString(hex));
        }

        return values;
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z_]+):(?<hex>(?:\s+[0-9a-f]{2,})+)$", RegexOptions.Multiline)]
    private static partial Regex Field();

    private sealed class Drawn(byte[] bytes) : IEntropy
    {
        public void Fill(Span<byte> destination) => bytes.CopyTo(destination);
    }
}
