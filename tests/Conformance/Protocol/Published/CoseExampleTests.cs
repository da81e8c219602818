using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;

namespace Keywright.ConformanceTests.Protocol.Published;

/// <summary>
/// The COSE working group's examples. The wire profile admits none of them: they are tagged, or carry unprotected
/// attributes. What is signed, tagged and sealed in them is what our code would sign, tag and seal.
/// </summary>
public sealed class CoseExampleTests
{
    // Failures that touch what is protected, and not the tag in front of it.
    private static readonly string[] Breaking = ["ChangeTag", "ChangeAttr", "AddProtected", "RemoveProtected"];

    [Theory]
    [InlineData("cose/sign1-tests")]
    [InlineData("cose/ecdsa-examples")]
    [InlineData("cose/mac0-tests")]
    [InlineData("cose/encrypted-tests")]
    [InlineData("cose/aes-gcm-examples")]
    public void No_example_fits_the_profile(string folder) => ForEach(folder, example =>
    {
        using var sealKey = SealKey.FromBytes(new byte[32]);
        using var privateKey = HpkePrivateKey.FromScalar([.. new byte[31], 1]);
        var why = example.Kind switch
        {
            "sign" or "sign0" or "mac0" => Why(Message.Parse<Claim>(example.Message)),
            "encrypted" => Why(Encrypt0Opener.Open(sealKey, [], example.Message, 1000)),
            _ => Why(HpkeOpener.Open(example.Message, [], privateKey, 1000)),
        };

        // Tags are none of ours. Without one it is the attributes beside the protected header that are too many.
        var untagged = example.Message[0] >> 5 == 4;
        Assert.Equal(untagged ? Reason.TooLarge : Reason.Malformed, why);
    });

    [Theory]
    [InlineData("cose/sign1-tests")]
    [InlineData("cose/ecdsa-examples")]
    public void Signatures_verify_over_what_we_would_sign(string folder)
    {
        var verified = 0;
        ForEach(folder, example =>
        {
            if (example.Kind != "sign0")
            {
                return;
            }

            var parts = Parts.Of(example.Message);
            using var structure = Message.ToBeProtected("Signature1", parts.Header, parts.Payload);
            var toBeSigned = structure.ToArray();
            if (PublicKey.Parse(example.Point()).Refused(out var key, out var why))
            {
                Assert.Equal(Reason.UnknownKey, why.Reason);
                return;
            }

            var expected = !example.IsBroken && !example.HasExternal && example.Algorithm == "ES256";
            Assert.True(expected == key.VerifyEitherForm(toBeSigned, parts.Proof), example.Name);
            if (expected)
            {
                Assert.Equal(example.Intermediate("ToBeSign_hex"), Convert.ToHexString(toBeSigned));
                verified++;
            }
        });
        Assert.Equal(folder == "cose/sign1-tests" ? 3 : 1, verified);
    }

    [Fact]
    public void Codes_are_those_we_would_make()
    {
        var verified = 0;
        ForEach("cose/mac0-tests", example =>
        {
            var parts = Parts.Of(example.Message);
            using var structure = Message.ToBeProtected("MAC0", parts.Header, parts.Payload);
            var toBeTagged = structure.ToArray();
            var expected = !example.IsBroken && !example.HasExternal;
            Assert.Equal(expected, HMACSHA256.HashData(example.Key(), toBeTagged).SequenceEqual(parts.Proof));
            if (expected)
            {
                Assert.Equal(example.Intermediate("ToMac_hex"), Convert.ToHexString(toBeTagged));
                verified++;
            }
        });
        Assert.Equal(4, verified);
    }

    [Theory]
    [InlineData("cose/encrypted-tests")]
    [InlineData("cose/aes-gcm-examples")]
    public void Sealed_contents_open_with_the_additional_data_that_we_would_give(string folder)
    {
        var opened = 0;
        ForEach(folder, example =>
        {
            var parts = Parts.Of(example.Message);
            var aad = example.Kind == "encrypted"
                ? Encrypt0Envelope.Aad(parts.Header, example.External())
                : HpkeEnvelope.ContentAad(parts.Header);
            var content = new byte[parts.Payload.Length - 16];
            using var gcm = new AesGcm(example.Key(), 16);
            try
            {
                gcm.Decrypt(
                    parts.Iv.Length > 0 ? parts.Iv : example.UnsentIv(),
                    parts.Payload.AsSpan(0, content.Length),
                    parts.Payload.AsSpan(content.Length),
                    content,
                    aad);
                Assert.False(example.IsBroken, example.Name);
                Assert.Equal(example.Plaintext, Encoding.UTF8.GetString(content));
                Assert.Equal(example.Intermediate("AAD_hex"), Convert.ToHexString(aad));
                opened++;
            }
            catch (AuthenticationTagMismatchException)
            {
                Assert.True(example.IsBroken, example.Name);
            }
        });
        Assert.Equal(folder == "cose/encrypted-tests" ? 5 : 7, opened);
    }

    private static Reason? Why<T>(Outcome<T> outcome)
        where T : notnull => outcome.Refused(out _, out var why) ? why.Reason : null;

    private static void ForEach(string folder, Action<Example> check)
    {
        foreach (var file in PublishedVectors.RequireFolder(folder))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            check(new Example(Path.GetFileNameWithoutExtension(file), document.RootElement));
        }
    }

    /// <summary>The parts of a message, whatever is in front of it and beside its header.</summary>
    private sealed record Parts(byte[] Header, byte[] Iv, byte[] Payload, byte[] Proof)
    {
        public static Parts Of(byte[] message)
        {
            var tag = message[0] switch
            {
                0xD8 => 2,
                0xD9 => 3,
                >= 0xC0 and < 0xD8 => 1,
                _ => 0,
            };
            var reader = new CborReader(message.AsSpan(tag));
            var count = reader.Array(3, 4);
            var header = reader.Bytes(0, 100).ToArray();
            var pairs = reader.Map(3);
            if (pairs > 0 && reader.TryKey(1))
            {
                reader.Int(int.MinValue, int.MaxValue);
            }

            if (pairs > 0 && reader.TryKey(4))
            {
                reader.Bytes(0, 100);
            }

            var iv = pairs > 0 && reader.TryKey(5) ? reader.Bytes(12).ToArray() : [];
            if (pairs > 0 && reader.TryKey(6))
            {
                reader.Bytes(0, 12);
            }

            reader.EndMap();
            var payload = reader.Bytes(0, 1000).ToArray();
            var proof = count == 4 && reader.NextMajor == 2 ? reader.Bytes(0, 200).ToArray() : [];
            Assert.False(reader.Failed);

            // {} and an empty string say the same, and the empty string is what is protected (RFC 9052 §3).
            return new Parts(header is [0xA0] ? [] : header, iv, payload, proof);
        }
    }

    private sealed record Example(string Name, JsonElement Json)
    {
        public byte[] Message => Convert.FromHexString(Json.GetProperty("output").GetProperty("cbor").GetString()!);

        public string Plaintext => Json.GetProperty("input").GetProperty("plaintext").GetString()!;

        public string Kind => new[] { "sign", "sign0", "mac0", "encrypted", "enveloped" }
            .Single(kind => Json.GetProperty("input").TryGetProperty(kind, out _));

        public bool HasExternal => Input.TryGetProperty("external", out _);

        public string? Algorithm => Input.TryGetProperty("alg", out var name) ? name.GetString() : null;

        public bool IsBroken => (Json.GetProperty("input").TryGetProperty("failures", out var failures)
            || Input.TryGetProperty("failures", out failures))
            && Breaking.Any(name => failures.TryGetProperty(name, out _));

        private JsonElement Input => Json.GetProperty("input").GetProperty(Kind);

        public string? Intermediate(string name) => Json.GetProperty("intermediates").GetProperty(name).GetString();

        public byte[] External() =>
            HasExternal ? Convert.FromHexString(Input.GetProperty("external").GetString()!) : [];

        public byte[] UnsentIv() =>
            Convert.FromHexString(Input.GetProperty("unsent").GetProperty("IV_hex").GetString()!);

        public byte[] Key() => FromBase64Url(Input.GetProperty("recipients")[0].GetProperty("key"), "k");

        public byte[] Point()
        {
            var key = Input.GetProperty("key");
            return [0x04, .. FromBase64Url(key, "x"), .. FromBase64Url(key, "y")];
        }

        private static byte[] FromBase64Url(JsonElement holder, string name) =>
            System.Buffers.Text.Base64Url.DecodeFromChars(holder.GetProperty(name).GetString());
    }
}
