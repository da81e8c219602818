using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.ConformanceTests.Protocol.Published;

public sealed class BodyVectorTests
{
    private const string File = "wycheproof/c2sp_chunked_encryption_aes_256_gcm_test.json";

    [Fact]
    public void Every_wycheproof_body_streams_as_it_says() => ForEach(test =>
    {
        using var output = new MemoryStream();
        if (test.Key.Length != BodyShape.KeySize)
        {
            Assert.ThrowsAny<ArgumentException>(
                () => BodyOpener.Open(test.Key, test.Context, new MemoryStream(test.Body), output));
            return;
        }

        var refused = BodyOpener.Open(test.Key, test.Context, new MemoryStream(test.Body), output)
            .Refused(out var size, out var why);
        Assert.Equal(test.Valid, !refused);
        Assert.Equal(refused ? Reason.BadSeal : null, why?.Reason);
        Assert.Equal(refused ? 0 : test.MessageSize, size);
        if (refused)
        {
            Assert.True(output.Length <= test.MessageSize);
        }

        if (output.Length == test.MessageSize && test.MessageHash is not null)
        {
            Assert.Equal(test.MessageHash, Convert.ToHexStringLower(SHA512.HashData(output.ToArray())));
        }
    });

    [Fact]
    public void Every_valid_wycheproof_body_comes_out_again_when_sealed() => ForEach(test =>
    {
        if (test.Valid)
        {
            using var message = new MemoryStream();
            BodyOpener.Open(test.Key, test.Context, new MemoryStream(test.Body), message).OrThrow();
            message.Position = 0;
            using var body = new MemoryStream();
            BodySealer.Seal(test.Key, test.Body.AsSpan(0, BodyShape.SaltSize), test.Context, message, body);
            Assert.Equal(test.Body, body.ToArray());
            Assert.Equal(test.Body.Length, BodyShape.SealedSizeOf(test.MessageSize));
            Assert.Equal(test.MessageSize, BodyShape.PlainSizeOf(test.Body.Length).OrThrow());
        }
    });

    [Fact]
    public void The_last_chunk_alone_opens_where_wycheproof_says_so() => ForEach(test =>
    {
        if (test.Key.Length != BodyShape.KeySize)
        {
            return;
        }

        var opens = OpensLastChunk(test);
        Assert.Equal(test.Valid || test.Flags.Contains("ValidFinalChunk"), opens);
    });

    private static bool OpensLastChunk(Case test)
    {
        var header = test.Body.AsSpan(0, Math.Min(test.Body.Length, BodyShape.HeaderSize));
        if (BodyOpener.Begin(test.Key, test.Context, header).Refused(out var opener, out _) ||
            BodyShape.PlainSizeOf(test.Body.Length).Refused(out var size, out _))
        {
            return false;
        }

        using (opener)
        {
            var last = BodyShape.ChunksOf(size) - 1;
            var chunk = test.Body.AsSpan((int)BodyShape.OffsetOf(last));
            return !opener.OpenChunk(last, chunk, new byte[BodyShape.ChunkSize]).Refused(out _, out _);
        }
    }

    private static void ForEach(Action<Case> check)
    {
        using var file = JsonDocument.Parse(System.IO.File.ReadAllBytes(PublishedVectors.Require(File)));
        var cases = 0;
        foreach (var group in file.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                check(Case.From(test));
                cases++;
            }
        }

        Assert.Equal(file.RootElement.GetProperty("numberOfTests").GetInt32(), cases);
    }

    private sealed record Case(
        byte[] Key,
        byte[] Context,
        byte[] Body,
        bool Valid,
        string[] Flags,
        long MessageSize,
        string? MessageHash)
    {
        public static Case From(JsonElement test) => new(
            Convert.FromHexString(test.GetProperty("key").GetString()!),
            Convert.FromHexString(test.GetProperty("ctx").GetString()!),
            Inflate(Convert.FromHexString(test.GetProperty("ct").GetString()!)),
            test.GetProperty("result").GetString() == "valid",
            [.. test.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()!)],
            test.TryGetProperty("msgLength", out var size) ? size.GetInt64() : 0,
            test.TryGetProperty("msgSha512", out var hash) ? hash.GetString() : null);

        private static byte[] Inflate(byte[] compressed)
        {
            using var stream = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
            using var output = new MemoryStream();
            stream.CopyTo(output);
            return output.ToArray();
        }
    }
}
