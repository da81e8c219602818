using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;

namespace Keywright.ConformanceTests.Protocol;

[Trait("Req", "I03")]
public sealed class EnvelopeVectorTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "envelope")).Select(f => Path.GetFileName(f)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_envelope_opens_or_is_refused_as_its_vector_says(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", "envelope", file)));
        var vector = document.RootElement;
        var expect = vector.GetProperty("expect");

        if (Open(vector, Bytes(vector, "message")).Refused(out var content, out var why))
        {
            Assert.Equal(expect.GetString(), why.Name);
        }
        else
        {
            Assert.Equal(Bytes(expect, "content"), content);
        }
    }

    [Theory]
    [InlineData("en-one.json")]
    [InlineData("e0-good.json")]
    public void Every_single_changed_bit_is_refused(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", "envelope", file)));
        var message = Bytes(document.RootElement, "message");
        for (var bit = 0; bit < message.Length * 8; bit++)
        {
            var changed = (byte[])message.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(Open(document.RootElement, changed).Refused(out _, out _), $"bit {bit}");
        }
    }

    private static Outcome<byte[]> Open(JsonElement vector, byte[] message)
    {
        var limit = vector.GetProperty("maxSize").GetInt32();
        if (vector.GetProperty("kind").GetString() == "e0")
        {
            using var key = SealKey.FromBytes(Bytes(vector, "key"));
            return Encrypt0Opener.Open(key, Bytes(vector, "externalAad"), message, limit);
        }

        using var privateKey = HpkePrivateKey.FromScalar(Bytes(vector, "privateKey"));
        return HpkeOpener.Open(message, Bytes(vector, "extraInfo"), privateKey, limit);
    }

    private static byte[] Bytes(JsonElement holder, string name) =>
        Convert.FromHexString(holder.GetProperty(name).GetString()!);
}
