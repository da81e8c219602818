using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.ConformanceTests.Protocol.Firmware;

/// <summary>
/// vectors/resume, resumed, resync: "message" is judged under the keys of "deviceKey", or by "identity" when it
/// is signed, and its "fields" are told. Another implementation made them.
/// </summary>
[Trait("Req", "I03")]
[Trait("Req", "T21")]
public class ResumeVectorTests
{
    public static TheoryData<string, string> Cases =>
    [
        .. from kind in new[] { "resume", "resumed", "resync" }
           from path in Directory.GetFiles(Repository.PathTo("vectors", kind)).Order()
           select (kind, Path.GetFileName(path)),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_message_is_judged_as_its_vector_says(string kind, string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", kind, name)));
        var test = file.RootElement;
        var message = Bytes(test, "message");
        if (Told(kind, test, message).Refused(out var told, out var why))
        {
            Assert.Equal(test.GetProperty("expect").GetString(), why.Name);
            return;
        }

        Assert.Equal("accepted", test.GetProperty("expect").GetString());
        Assert.Equal(Fields.Of(test), told.Fields);
        Assert.True(told.Rewritten is null || told.Rewritten.Value.Span.SequenceEqual(message));
        foreach (var (bit, changed) in SingleBits.Of(message))
        {
            Assert.True(Told(kind, test, changed).Refused(out _, out _), $"bit {bit}");
        }
    }

    private static Outcome<Story> Told(string kind, JsonElement test, byte[] message)
    {
        using var key = DeviceKey.FromBytes(Bytes(test, "deviceKey"));
        return kind switch
        {
            "resume" => Judge<Resume>(test, message, DeliveryKeys.Resume(key), it => Fields.Of(
                it.Device, it.Kid, it.Recovery, it.Number, it.Epoch, it.Nonce)),
            "resumed" => Judge<Resumed>(
                test, message, DeliveryKeys.Resumed(key), it => Fields.Of(it.Resume, it.Number)),
            _ => Judge<Resync>(
                test, message, DeliveryKeys.Resync(key), it => Fields.Of(it.Message, it.Epoch)),
        };
    }

    private static Outcome<Story> Judge<T>(
        JsonElement test, byte[] message, MacKey mac, Func<T, string> fields)
        where T : IMessage<T>
    {
        using (mac)
        {
            if (Message.Parse<T>(message).Refused(out var parsed, out var why))
            {
                return why;
            }

            var signed = parsed.Protection == Protection.Signature;
            if (signed && !test.TryGetProperty("identity", out _))
            {
                return new Refusal(Reason.BadSignature, "no identity is enrolled");
            }

            var verdict = signed
                ? parsed.VerifySignature(PublicKey.Parse(Bytes(test, "identity")).OrThrow())
                : parsed.VerifyMac(mac);
            return verdict.Refused(out var verified, out why)
                ? why
                : new Story(
                    fields(verified.Content),
                    signed ? default(ReadOnlyMemory<byte>?) : Message.Mac(verified.Content, mac).Bytes);
        }
    }

    private static byte[] Bytes(JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString()!);

    /// <summary>What a message says, and its bytes as we write them when they can be made again.</summary>
    private sealed record Story(string Fields, ReadOnlyMemory<byte>? Rewritten);
}
