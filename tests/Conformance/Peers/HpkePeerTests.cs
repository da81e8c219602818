using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.ConformanceTests.Peers;

/// <summary>@hpke/core opens what we seal, and we open what it seals.</summary>
public sealed class HpkePeerTests
{
    private static readonly byte[] ExtraInfo = CborItem.Array("example", 7);
    private static readonly byte[] Content = "a small content"u8.ToArray();

    [Fact]
    public async Task The_peer_opens_our_envelope_for_each_of_eight_recipients()
    {
        var peer = await InstallPeer();
        var entropy = new SeededEntropy(1);
        var keys = Enumerable.Range(0, 8).Select(_ => HpkePrivateKey.Generate(entropy)).ToList();
        var message = HpkeSealer.Seal(Content, ExtraInfo, [.. keys.Select(key => key.Public)], entropy);
        var (header, ciphertext, recipients) = Take(message);

        var requests = keys.Zip(recipients).Select(pair => new JsonObject
        {
            ["privateKey"] = Hex(pair.First.Expose()),
            ["info"] = Hex(HpkeEnvelope.RecipientStructure(pair.Second.Header, ExtraInfo)),
            ["encapsulated"] = Hex(pair.Second.Encapsulated),
            ["open"] = Hex(pair.Second.Wrapped),
        });
        foreach (var answer in await Ask(peer, requests))
        {
            var contentKey = Convert.FromHexString((string)answer!["plaintext"]!);
            Assert.Equal(Content, OpenContent(contentKey, header, ciphertext));
        }
    }

    [Fact]
    public async Task We_open_an_envelope_whose_recipients_the_peer_made()
    {
        var peer = await InstallPeer();
        var entropy = new SeededEntropy(2);
        var keys = Enumerable.Range(0, 3).Select(_ => HpkePrivateKey.Generate(entropy)).ToList();
        var contentKey = new byte[HpkeEnvelope.ContentKeySize];
        var iv = new byte[Hpke.NonceSize];
        entropy.Fill(contentKey);
        entropy.Fill(iv);

        var headers = keys.Select(key => HpkeEnvelope.RecipientHeader(key.Public.Id)).ToList();
        var answers = await Ask(peer, keys.Zip(headers).Select(pair => new JsonObject
        {
            ["publicKey"] = Hex(pair.First.Public.Bytes),
            ["info"] = Hex(HpkeEnvelope.RecipientStructure(pair.Second, ExtraInfo)),
            ["seal"] = Hex(contentKey),
        }));
        var message = Assemble(contentKey, iv, headers, answers);

        Assert.All(keys, key => Assert.Equal(Content, HpkeOpener.Open(message, ExtraInfo, key, 100).OrThrow()));
    }

    private static byte[] Assemble(byte[] contentKey, byte[] iv, List<byte[]> headers, JsonArray recipients)
    {
        var header = HpkeEnvelope.ContentHeader(iv);
        var ciphertext = new byte[Content.Length + Hpke.TagSize];
        using var gcm = new AesGcm(contentKey, Hpke.TagSize);
        gcm.Encrypt(
            iv,
            Content,
            ciphertext.AsSpan(0, Content.Length),
            ciphertext.AsSpan(Content.Length),
            HpkeEnvelope.ContentAad(header));

        using var writer = new CborWriter();
        writer.Array(4).Bytes(header).Map(0).Bytes(ciphertext).Array(headers.Count);
        foreach (var (recipientHeader, answer) in headers.Zip(recipients))
        {
            writer.Array(3).Bytes(recipientHeader)
                .Map(1).Key(HpkeEnvelope.EncapsulatedKey).Bytes(Convert.FromHexString((string)answer!["encapsulated"]!))
                .Bytes(Convert.FromHexString((string)answer["ciphertext"]!));
        }

        return writer.ToArray();
    }

    private static (byte[] Header, byte[] Ciphertext, List<Recipient> Recipients) Take(byte[] message)
    {
        var reader = new CborReader(message);
        reader.Array(4, 4);
        var header = reader.Bytes(0, 100).ToArray();
        reader.Map(0);
        reader.EndMap();
        var ciphertext = reader.Bytes(0, 1000).ToArray();
        var recipients = new List<Recipient>();
        var count = reader.Array(1, 8);
        for (var i = 0; i < count; i++)
        {
            reader.Array(3, 3);
            var recipientHeader = reader.Bytes(0, 100).ToArray();
            reader.Map(1);
            reader.Key(HpkeEnvelope.EncapsulatedKey);
            var encapsulated = reader.Bytes(Hpke.EncapsulatedSize).ToArray();
            reader.EndMap();
            recipients.Add(new Recipient(recipientHeader, encapsulated, reader.Bytes(0, 100).ToArray()));
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        Assert.Null(reader.Finish());
        return (header, ciphertext, recipients);
    }

    private static byte[] OpenContent(byte[] contentKey, byte[] header, byte[] ciphertext)
    {
        var iv = HpkeEnvelope.ReadContentHeader(header).OrThrow();
        var content = new byte[ciphertext.Length - Hpke.TagSize];
        using var gcm = new AesGcm(contentKey, Hpke.TagSize);
        gcm.Decrypt(
            iv,
            ciphertext.AsSpan(0, content.Length),
            ciphertext.AsSpan(content.Length),
            content,
            HpkeEnvelope.ContentAad(header));
        return content;
    }

    /// <summary>
    /// Puts the peer, in the versions and digests of its lock file, below .build; skips where that cannot be.
    /// </summary>
    private static async Task<string> InstallPeer()
    {
        Assert.SkipUnless(
            ExternalProgram.IsThere("node") && ExternalProgram.IsThere("npm"), "needs node and npm, to run @hpke/core");
        var folder = Directory.CreateDirectory(Repository.PathTo(".build", "peers", "hpke")).FullName;
        foreach (var file in Directory.GetFiles(Repository.PathTo("tests", "Conformance", "Peers", "hpke")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        var (status, said) = await ExternalProgram.Run(
            "npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        Assert.SkipUnless(status == 0, $"npm cannot install @hpke/core: {said}");
        return Path.Combine(folder, "peer.mjs");
    }

    private static async Task<JsonArray> Ask(string peer, IEnumerable<JsonObject> requests)
    {
        var (status, said) = await ExternalProgram.Feed("node", JsonSerializer.Serialize(requests), peer);
        Assert.True(status == 0, said);
        return JsonNode.Parse(said)!.AsArray();
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private sealed record Recipient(byte[] Header, byte[] Encapsulated, byte[] Wrapped);
}
