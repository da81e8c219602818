using System.Security.Cryptography;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Peers;

/// <summary>OpenSSL's command verifies what we sign, signs what we verify, and makes the same codes and keys.</summary>
public sealed class OpensslPeerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SeededEntropy entropy = new(1);

    public OpensslPeerTests() => SystemPackages.Require("openssl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_verifies_the_signature_of_a_message()
    {
        using var key = SigningKey.Generate(entropy);
        var header = Module.Type.Header(Protection.Signature);
        using var structure = Message.ToBeProtected("Signature1", header, "payload"u8);
        var signed = structure.ToArray();
        var data = folder.Write("data", signed);
        var signature = folder.Write("signature", DerSignature.Write(key.Sign(signed)));
        var publicKey = WritePublicKey(key.Public);

        Assert.Contains("Verified OK", await ExternalProgram.Succeed(
            "openssl", "dgst", "-sha256", "-verify", publicKey, "-signature", signature, data));
        var (status, _) = await ExternalProgram.Run(
            "openssl", "dgst", "-sha256", "-verify", publicKey, "-signature", signature, signature);
        Assert.NotEqual(0, status);
    }

    [Fact]
    public async Task We_verify_its_signatures_with_s_brought_to_its_one_form()
    {
        var privateKey = folder.PathTo("private.pem");
        await ExternalProgram.Succeed(
            "openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", privateKey);
        await ExternalProgram.Succeed(
            "openssl", "ec", "-in", privateKey, "-pubout", "-outform", "DER", "-out", folder.PathTo("public.der"));
        var key = PublicKey.Parse((await Read("public.der")).AsSpan()[^PublicKey.Size..]).OrThrow();
        var data = folder.Write("data", "payload"u8.ToArray());
        for (var i = 0; i < 5; i++)
        {
            await ExternalProgram.Succeed(
                "openssl", "dgst", "-sha256", "-sign", privateKey, "-out", folder.PathTo("signature"), data);
            Assert.True(DerSignature.TryRead(await Read("signature"), out var signature));
            Assert.True(key.VerifyEitherForm("payload"u8, signature));
            P256.LowerS(signature);
            Assert.True(key.Verify("payload"u8, signature));
            Assert.False(key.Verify("payloads"u8, signature));
        }
    }

    [Theory]
    [InlineData(16, 0)]
    [InlineData(16, 15)]
    [InlineData(24, 16)]
    [InlineData(24, 4096)]
    [InlineData(32, 17)]
    [InlineData(32, 100_001)]
    public async Task It_makes_the_same_cmac(int keySize, int size)
    {
        var key = Drawn(keySize);
        var message = Drawn(size);
        var tag = new byte[AesCmac.TagSize];
        AesCmac.Compute(key, message, tag);

        var said = await ExternalProgram.Succeed(
            "openssl", "mac", "-cipher", $"AES-{8 * keySize}-CBC", "-macopt", $"hexkey:{Hex(key)}",
            "-in", folder.Write("message", message), "CMAC");
        Assert.Equal(Hex(tag), said.Trim());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(48)]
    public async Task It_derives_the_same_keys(int size)
    {
        var key = Drawn(32);
        var context = Drawn(20);
        var derived = new byte[size];
        Kdf.Derive(key, "identity", context, derived);

        await ExternalProgram.Succeed(
            "openssl", "kdf", "-binary", "-out", folder.PathTo("derived"), "-keylen", $"{size}",
            "-kdfopt", "mac:HMAC", "-kdfopt", "digest:SHA256", "-kdfopt", "mode:COUNTER",
            "-kdfopt", $"hexkey:{Hex(key)}", "-kdfopt", "salt:keywright v1 identity",
            "-kdfopt", $"hexinfo:{Hex(context)}", "KBKDF");
        Assert.Equal(derived, await Read("derived"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(65)]
    public async Task It_unwraps_what_we_wrap(int size)
    {
        var key = Drawn(32);
        var secret = Drawn(size);
        using var aes = Aes.Create();
        aes.Key = key;
        var wrapped = folder.Write("wrapped", aes.EncryptKeyWrapPadded(secret));

        await ExternalProgram.Succeed(
            "openssl", "enc", "-d", "-id-aes256-wrap-pad", "-K", Hex(key), "-iv", "A65959A6",
            "-in", wrapped, "-out", folder.PathTo("secret"));
        Assert.Equal(secret, await Read("secret"));
    }

    // The verifier key of a log carries the point as SubjectPublicKeyInfo.
    private string WritePublicKey(PublicKey key)
    {
        var encoded = Convert.FromBase64String(new LogKey("peer", key).ToString().Split('+', 3)[2])[1..];
        return folder.Write("public.pem", System.Text.Encoding.ASCII.GetBytes(
            PemEncoding.WriteString("PUBLIC KEY", encoded)));
    }

    private byte[] Drawn(int size)
    {
        var bytes = new byte[size];
        entropy.Fill(bytes);
        return bytes;
    }

    private Task<byte[]> Read(string name) =>
        File.ReadAllBytesAsync(folder.PathTo(name), TestContext.Current.CancellationToken);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);
}
