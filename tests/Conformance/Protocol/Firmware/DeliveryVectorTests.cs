using System.Text.Json;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Site.Firmware;

namespace Keywright.ConformanceTests.Protocol.Firmware;

/// <summary>
/// The messages of a delivery against vectors that another implementation made. Claims and Dones are read as
/// the site reads them, Grants and Refusals by a device that has the claim open.
/// </summary>
[Trait("Req", "I03")]
public sealed class DeliveryVectorTests : IDisposable
{
    private DeliveryWorld? world;
    private TestDevice? device;

    public static TheoryData<string, string> Cases =>
    [
        .. from kind in new[] { "module", "claim", "grant", "refusal", "done", "body" }
           from path in Directory.GetFiles(Repository.PathTo("vectors", kind)).Order()
           select (kind, Path.GetFileName(path)),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_message_is_judged_as_its_vector_says(string kind, string name)
    {
        using var file = Open(kind, name);
        var expected = file.RootElement.GetProperty("expect").GetString();
        Assert.Equal(expected, Judge(kind, file.RootElement, MessageOf(file)));
        if (expected == "accepted" && kind != "body")
        {
            Assert.Equal(Fields.Of(file.RootElement), FieldsOf(kind, MessageOf(file)));
        }
    }

    [Theory]
    [InlineData("module", "good.json")]
    [InlineData("module", "good-full.json")]
    [InlineData("claim", "second.json")]
    [InlineData("claim", "signed.json")]
    [InlineData("grant", "good.json")]
    [InlineData("refusal", "not-enabled.json")]
    [InlineData("done", "installed.json")]
    [InlineData("body", "good.json")]
    public void Every_changed_bit_is_refused(string kind, string name)
    {
        using var file = Open(kind, name);
        var message = MessageOf(file);
        foreach (var (bit, changed) in SingleBits.Of(message))
        {
            Assert.True(Judge(kind, file.RootElement, changed) != "accepted", $"bit {bit}");
        }

        Assert.Equal("accepted", Judge(kind, file.RootElement, message));
    }

    [Fact]
    public void A_grant_is_written_as_its_vector_says()
    {
        using var file = Open("grant", "good.json");
        var message = MessageOf(file);
        using var key = KeyOf(file.RootElement);
        using var mac = DeliveryKeys.Grant(key);
        Assert.Equal(
            message, Message.Mac(Message.Parse<Grant>(message).OrThrow().Claimed, mac).Bytes.ToArray());
    }

    [Theory]
    [InlineData("first.json")]
    [InlineData("second.json")]
    [InlineData("after-refusal.json")]
    public void A_claim_is_written_as_its_vector_says(string name)
    {
        using var file = Open("claim", name);
        var message = MessageOf(file);
        using var key = KeyOf(file.RootElement);
        using var mac = DeliveryKeys.Claim(key);
        Assert.Equal(
            message, Message.Mac(Message.Parse<Claim>(message).OrThrow().Claimed, mac).Bytes.ToArray());
    }

    public void Dispose()
    {
        device?.Dispose();
        world?.Dispose();
    }

    private string Judge(string kind, JsonElement test, byte[] message) => kind switch
    {
        "module" => JudgeModule(test, message),
        "claim" => JudgeClaim(test, message),
        "grant" => JudgeGrant(test, message),
        "refusal" => JudgeRefusal(test, message),
        "done" => JudgeDone(test, message),
        _ => JudgeBody(test, message),
    };

    // Without programs the archive stops a good module at the last step, and any other before it.
    private string JudgeModule(JsonElement test, byte[] message)
    {
        var owner = PublicKey.Parse(Bytes(test, "owner")).OrThrow();
        world ??= new DeliveryWorld();
        Assert.True(world.Add.Add(message, owner, []).Refused(out _, out var why));
        return why.Reason == Reason.BodyMismatch ? "accepted" : why.Name;
    }

    private static string JudgeClaim(JsonElement test, byte[] message)
    {
        if (Message.Parse<Claim>(message).Refused(out var claim, out var malformed))
        {
            return malformed.Name;
        }

        using var key = KeyOf(test);
        var identity = claim.Protection == Protection.Signature
            ? PublicKey.Parse(Bytes(test, "identity")).OrThrow()
            : null;
        return NameOf(AuthenticateClaim.Verify(claim, identity, key));
    }

    private static string JudgeDone(JsonElement test, byte[] message)
    {
        using var key = KeyOf(test);
        return NameOf(AuthenticateClaim.VerifyDone(message, key));
    }

    // A good Grant stops at the bodies, which are not there.
    private string JudgeGrant(JsonElement test, byte[] message)
    {
        device ??= DeviceWithClaim(test);
        var why = device.Install(message, Bytes(test, "manifest"), default)!;
        return why.Reason == Reason.MissingInput ? "accepted" : why.Name;
    }

    private string JudgeRefusal(JsonElement test, byte[] message)
    {
        device ??= DeviceWithClaim(test);
        if (device.Refused(message) is { } why)
        {
            return why.Name;
        }

        var condition = Message.Parse<DeliveryRefusal>(message).OrThrow().Claimed.Condition;
        Assert.Equal(test.GetProperty("condition").GetString(), Refusal.NameOf(condition.Reason()));
        Assert.Equal(new Delivery(1, Digest.Of(message)), device.State.Monotonic.Delivery);
        return "accepted";
    }

    private static string JudgeBody(JsonElement test, byte[] message)
    {
        using var key = KeyOf(test);
        var grant = Message.Parse<Grant>(Bytes(test, "grant")).OrThrow().Claimed;
        var index = test.GetProperty("index").GetInt32();
        using var root = BodyRoot.Of(key, grant.SiteRandom.Span);
        using var bodyKey = root.Key(grant.Claim, grant.Manifest, index);
        using var program = new MemoryStream();
        var context = BodyRoot.Context(grant.Manifest, index);
        if (BodyOpener.Open(bodyKey.Expose(), context, new MemoryStream(message), program)
            .Refused(out _, out var why))
        {
            return why.Name;
        }

        Assert.Equal(Bytes(test, "hash"), Digest.Of(program.ToArray()).ToArray());
        Assert.Equal(Bytes(test, "salt"), root.Salt(grant.Claim, grant.Manifest, index));
        return "accepted";
    }

    private static TestDevice DeviceWithClaim(JsonElement test)
    {
        using var key = KeyOf(test);
        using var file = Open("module", "good.json");
        var device = TestDevice.Program(
            1,
            DeviceId.Parse("LAMP-0001").OrThrow(),
            "lamp",
            "lamp-2",
            key,
            PublicKey.Parse(Bytes(file.RootElement, "owner")).OrThrow());
        using var transaction = device.State.Journal.Begin();
        Assert.Null(transaction.Put("claim", Bytes(test, "claim")));
        transaction.Commit();
        return device;
    }

    private static string NameOf<T>(Outcome<T> outcome)
        where T : notnull => outcome.Refused(out _, out var why) ? why.Name : "accepted";

    private static string FieldsOf(string kind, byte[] message) => kind switch
    {
        "module" => Fields.Of(Message.Parse<Module>(message).OrThrow().Claimed),
        "claim" => Fields.Of(Message.Parse<Claim>(message).OrThrow().Claimed),
        "grant" => Fields.Of(Message.Parse<Grant>(message).OrThrow().Claimed),
        "refusal" => Fields.Of(Message.Parse<DeliveryRefusal>(message).OrThrow().Claimed),
        _ => Fields.Of(Message.Parse<Done>(message).OrThrow().Claimed),
    };

    private static DeviceKey KeyOf(JsonElement test) => DeviceKey.FromBytes(Bytes(test, "deviceKey"));

    private static byte[] MessageOf(JsonDocument file) =>
        Bytes(file.RootElement, file.RootElement.TryGetProperty("message", out _) ? "message" : "body");

    private static byte[] Bytes(JsonElement test, string name) =>
        Convert.FromHexString(test.GetProperty(name).GetString()!);

    private static JsonDocument Open(string kind, string name) =>
        JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("vectors", kind, name)));
}
