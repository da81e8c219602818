using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Opening.KeyDownload;
using Keywright.Protocol.Sealing;

namespace Keywright.ConformanceTests.Protocol;

/// <summary>The values of docs/spec/primitives.md §2, most of them published with the standards.</summary>
[Trait("Req", "I03")]
public sealed class PrimitiveVectorTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "primitives")).Select(f => Path.GetFileName(f)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_primitive_gives_what_its_vector_says(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", "primitives", file)));
        var vector = document.RootElement;
        var expect = vector.GetProperty("expect");
        Action<JsonElement, JsonElement> check = vector.GetProperty("kind").GetString() switch
        {
            "aes-cmac" => Cmac,
            "aes-kwp" => KeyWrap,
            "hkdf-sha256" => ExtractAndExpand,
            "kdf-counter" => CounterMode,
            "hpke" => SingleShot,
            "an10922" => Diversify,
            "x9143" => OpenKeyBlock,
            var other => throw new InvalidOperationException($"{file} is of kind {other}."),
        };
        check(vector, expect);
    }

    private static void Cmac(JsonElement vector, JsonElement expect)
    {
        var tag = new byte[AesCmac.TagSize];
        AesCmac.Compute(Bytes(vector, "key"), Bytes(vector, "message"), tag);

        Same(expect, "tag", tag);
    }

    private static void KeyWrap(JsonElement vector, JsonElement expect)
    {
        using var aes = Aes.Create();
        aes.Key = Bytes(vector, "key");

        Same(expect, "wrapped", aes.EncryptKeyWrapPadded(Bytes(vector, "plaintext")));
        Same(vector, "plaintext", aes.DecryptKeyWrapPadded(Bytes(expect, "wrapped")));
    }

    private static void ExtractAndExpand(JsonElement vector, JsonElement expect)
    {
        var prk = HKDF.Extract(HashAlgorithmName.SHA256, Bytes(vector, "ikm"), Bytes(vector, "salt"));
        var size = vector.GetProperty("size").GetInt32();

        Same(expect, "prk", prk);
        Same(expect, "okm", HKDF.Expand(HashAlgorithmName.SHA256, prk, size, Bytes(vector, "info")));
    }

    // KDF and KDF-CMAC fix the form of the input; CounterMode is what they have in common with the published values.
    private static void CounterMode(JsonElement vector, JsonElement expect)
    {
        var derived = new byte[Bytes(expect, "derived").Length];
        var key = Bytes(vector, "key");
        if (vector.GetProperty("prf").GetString() == "aes-cmac")
        {
            CmacKdf.CounterMode(key, Bytes(vector, "fixedInput"), derived);
        }
        else
        {
            CounterModeByHand.Derive(key, Bytes(vector, "fixedInput"), derived);
        }

        Same(expect, "derived", derived);
    }

    private static void SingleShot(JsonElement vector, JsonElement expect)
    {
        var keySize = vector.GetProperty("aead").GetString() == "aes-128-gcm" ? 16 : 32;
        var info = Bytes(vector, "info");
        using var recipient = Hpke.DeriveKeyPair(Bytes(vector, "ikmR"));
        Same(expect, "skR", recipient.Expose().ToArray());
        Same(expect, "pkR", recipient.Public.Bytes.ToArray());

        var encapsulated = Bytes(expect, "encapsulated");
        var shared = Hpke.SharedSecret(recipient.Agree(encapsulated)!, encapsulated, recipient.Public.Bytes);
        Same(expect, "sharedSecret", shared);
        var (key, nonce) = Hpke.Schedule(shared, info, keySize);
        Same(expect, "key", key);
        Same(expect, "nonce", nonce);

        var (made, ciphertext) = HpkeSealer.SealOnce(
            recipient.Public,
            info,
            Bytes(vector, "aad"),
            Bytes(vector, "plaintext"),
            keySize,
            new Given(vector, "ikmE"));
        Same(expect, "encapsulated", made);
        Same(expect, "ciphertext", ciphertext);
        Same(
            vector,
            "plaintext",
            HpkeOpener.OpenOnce(recipient, encapsulated, info, Bytes(vector, "aad"), ciphertext, keySize).OrThrow());
    }

    private static void Diversify(JsonElement vector, JsonElement expect)
    {
        var diversified = new byte[Bytes(vector, "key").Length];
        Diversification.Diversify(Bytes(vector, "key"), Bytes(vector, "input"), diversified);

        Same(expect, "diversified", diversified);
    }

    private static void OpenKeyBlock(JsonElement vector, JsonElement expect)
    {
        var text = Encoding.ASCII.GetBytes(vector.GetProperty("keyBlock").GetString()!);
        using var protection = new UnitKey(Bytes(vector, "kbpk"));
        if (KeyBlock.Parse(text).Refused(out var block, out var why) ||
            KeyBlockOpener.Open(protection, block).Refused(out var key, out why))
        {
            Assert.Equal(expect.GetString(), why.Name);
            return;
        }

        using var opened = key;
        Same(expect, "key", opened.Expose().ToArray());
        Assert.Equal(expect.GetProperty("usage").GetString(), block.Header.Usage);
        Assert.Equal(expect.GetProperty("algorithm").GetString(), $"{block.Header.Algorithm}");
        Assert.Equal(expect.GetProperty("mode").GetString(), $"{block.Header.Mode}");
        Assert.Equal(expect.GetProperty("keyVersion").GetString(), block.Header.KeyVersion);
        Assert.Equal(expect.GetProperty("exportability").GetString(), $"{block.Header.Exportability}");
        Assert.Equal(
            expect.GetProperty("blocks").EnumerateArray()
                .Select(each => new OptionalBlock(each[0].GetString()!, each[1].GetString()!)),
            block.Header.Blocks);
    }

    private static void Same(JsonElement holder, string name, byte[] actual) =>
        Assert.Equal(holder.GetProperty(name).GetString(), Convert.ToHexStringLower(actual));

    private static byte[] Bytes(JsonElement holder, string name) =>
        Convert.FromHexString(holder.GetProperty(name).GetString()!);

    private sealed class Given(JsonElement vector, string name) : IEntropy
    {
        public void Fill(Span<byte> destination) => Bytes(vector, name).CopyTo(destination);
    }
}
