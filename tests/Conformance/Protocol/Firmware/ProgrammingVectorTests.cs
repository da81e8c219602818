using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Firmware;

namespace Keywright.ConformanceTests.Protocol.Firmware;

/// <summary>
/// The vectors of docs/spec/programming.md: turn, take, program-file, program-command, enrolment.
/// </summary>
public class ProgrammingVectorTests
{
    public static TheoryData<string> Cases(string folder) =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", folder), "*.json").Select(
            file => Path.GetFileNameWithoutExtension(file)!).Order()];

    [Theory]
    [MemberData(nameof(Cases), "turn")]
    [Trait("Req", "T05")]
    public void Turns_derive_as_they_say(string name)
    {
        var (given, expect) = Load("turn", name);
        using var state = GeneratorState.FromBytes(Hex(given, "generator"));
        var (station, j) = (Text(given, "station"), given.GetProperty("turn").GetUInt32());
        using var turn = state.Turn(station, j);
        using var next = state.Step(station, j);
        using var key = turn.DeviceKey(
            DeviceId.Parse(Text(given, "device")).OrThrow(), ChipId.Parse(Text(given, "chip")).OrThrow());
        Assert.Equal(Hex(expect, "turn-key"), turn.Expose());
        Assert.Equal(Hex(expect, "next"), next.Expose());
        Assert.Equal(Hex(expect, "device-key"), key.Expose());
    }

    [Theory]
    [MemberData(nameof(Cases), "take")]
    public void Takes_are_read_or_refused_as_they_say(string name)
    {
        var (given, expect) = Load("take", name);
        if (IsRefused(ReadTake(given, Hex(given, "take")), expect, out var take))
        {
            return;
        }

        Assert.Equal(Text(expect, "digest"), take.Digest.ToString());
        Assert.Equal(Text(expect, "station"), take.Content.Station);
        Assert.Equal(expect.GetProperty("turn").GetUInt32(), take.Content.Turn);
        Assert.Equal(Text(expect, "device-type"), take.Content.DeviceType);
        Assert.Equal(Text(expect, "order"), take.Content.Order.ToString());
        Assert.Equal(Text(expect, "chip"), take.Content.Chip.ToString());
        Assert.Equal(Hex(expect, "fresh"), take.Content.Fresh.Bytes);
        using var key = MacKey.FromBytes(Hex(given, "take-key"));
        Assert.Equal(take.Bytes.ToArray(), Message.Mac(take.Content, key).Bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(Cases), "program-file")]
    [Trait("Req", "T05")]
    public void Files_are_opened_or_refused_as_they_say(string name)
    {
        var (given, expect) = Load("program-file", name);
        if (IsRefused(OpenFile(given, Hex(given, "file"), out var outside), expect, out var content))
        {
            return;
        }

        using (content)
        {
            Assert.Equal(expect.GetProperty("serial").GetUInt64(), outside!.Serial);
            Assert.Equal(
                expect.GetProperty("devices").EnumerateArray().Select(id => id.GetString()),
                content.Devices.Select(id => id.ToString()));
            Assert.Equal(expect.GetProperty("kid").GetUInt32(), content.Kid);
            Assert.Equal(Hex(expect, "device-key"), content.Key.Expose());
            Assert.Equal((
                Text(expect, "product"), Text(expect, "device-type")), (content.Product, content.DeviceType));
            Assert.Equal(expect.GetProperty("kind").GetInt32(), (int)content.Encoding.Kind);
            Assert.Equal(expect.GetProperty("base-address").GetUInt32(), content.Encoding.BaseAddress);
            Assert.Equal(Hex(expect, "image"), content.Image.Expose());
            Assert.Equal(Hex(expect, "chip-key"), outside.ChipKey.Bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Cases), "program-command")]
    [Trait("Req", "T05")]
    public void Programs_are_opened_or_refused_as_they_say(string name)
    {
        var (given, expect) = Load("program-command", name);
        if (IsRefused(OpenProgram(given, out var image), expect, out var head))
        {
            return;
        }

        using (head)
        {
            Assert.Equal(Text(expect, "digest"), head.Digest.ToString());
            Assert.Equal(expect.GetProperty("kid").GetUInt32(), head.Kid);
            Assert.Equal(Hex(expect, "device-key"), head.Key.Expose());
            Assert.Equal(
                expect.GetProperty("devices").EnumerateArray().Select(id => id.GetString()),
                head.Devices.Select(id => id.ToString()));
            Assert.Equal(
                (Text(expect, "product"), Text(expect, "device-type")), (head.Product, head.DeviceType));
            Assert.Equal(expect.GetProperty("kind").GetInt32(), (int)head.Encoding.Kind);
            Assert.Equal(expect.GetProperty("base-address").GetUInt32(), head.Encoding.BaseAddress);
            Assert.Equal(
                (Text(expect, "image-digest"), expect.GetProperty("image-size").GetInt32()),
                ($"{head.ImageHash}", head.ImageSize));
            Assert.Equal(Hex(expect, "image"), image);
            var chip = ChipId.Parse(Text(given, "chip")).OrThrow();
            Assert.Equal(
                Hex(expect, "confirmation"), ProgramCommand.ConfirmationOf(head.Key, chip, head.Digest));
        }
    }

    [Theory]
    [MemberData(nameof(Cases), "enrolment")]
    [Trait("Req", "T07")]
    public void Enrolments_are_opened_or_refused_as_they_say(string name)
    {
        var (given, expect) = Load("enrolment", name);
        if (IsRefused(
            OpenEnrolment(given, Hex(given, "enrolment"), out var outside), expect, out var secrets))
        {
            return;
        }

        using (secrets)
        {
            Assert.Equal(
                (Text(expect, "station"), Text(expect, "factory")), (outside!.Station, outside.Factory));
            Assert.Equal(Text(expect, "epoch"), outside.Epoch.ToString());
            Assert.Equal(expect.GetProperty("turn").GetUInt32(), outside.Turn);
            Assert.Equal(Hex(expect, "generator"), secrets.Generator.Expose());
            Assert.Equal(Hex(expect, "take-key"), secrets.TakeKey.Expose());
        }
    }

    [Theory]
    [InlineData("take", "good", "take")]
    [InlineData("program-file", "intel-hex", "file")]
    [InlineData("program-file", "raw", "file")]
    [InlineData("program-command", "intel-hex", "head")]
    [InlineData("program-command", "intel-hex", "image")]
    [InlineData("enrolment", "good", "enrolment")]
    public void Every_single_bit_change_is_refused(string folder, string name, string member)
    {
        var (given, _) = Load(folder, name);
        var message = Hex(given, member);
        foreach (var (bit, changed) in SingleBits.Of(message))
        {
            var refused = folder switch
            {
                "take" => ReadTake(given, changed).Refused(out _, out _),
                "program-file" => OpenFile(given, changed, out _).Refused(out _, out _),
                "program-command" => OpenProgram(
                    given,
                    member == "head" ? changed : Hex(given, "head"),
                    member == "image" ? changed : Hex(given, "image"),
                    out _).Refused(out _, out _),
                _ => OpenEnrolment(given, changed, out _).Refused(out _, out _),
            };
            Assert.True(refused, $"bit {bit}");
        }
    }

    private static Outcome<Verified<Take>> ReadTake(JsonElement given, byte[] bytes)
    {
        using var key = MacKey.FromBytes(Hex(given, "take-key"));
        return Message.Parse<Take>(bytes).Refused(out var take, out var why) ? why : take.VerifyMac(key);
    }

    private static Outcome<ProgramContent> OpenFile(JsonElement given, byte[] bytes, out SealedFile? outside)
    {
        outside = null;
        var take = ReadTake(given, Hex(given, "take")).OrThrow();
        var epoch = new SiteEpoch(Hex(given, "epoch"));
        if (FileOpener.Verify(bytes, take, epoch, Key(given)).Refused(out var file, out var why))
        {
            return why;
        }

        outside = file.Content;
        using var fresh = HpkePrivateKey.FromScalar(Hex(given, "fresh-key"));
        using var turn = TurnKey.FromBytes(Hex(given, "turn-key"));
        return FileOpener.Open(file, fresh, turn);
    }

    private static Outcome<ProgramHead> OpenProgram(JsonElement given, out byte[] image) =>
        OpenProgram(given, Hex(given, "head"), Hex(given, "image"), out image);

    /// <summary>As the chip does it, in the same order.</summary>
    private static Outcome<ProgramHead> OpenProgram(
        JsonElement given, byte[] sealedHead, byte[] body, out byte[] image)
    {
        image = [];
        using var kem = HpkePrivateKey.FromScalar(Hex(given, "kem-key"));
        var chip = ChipId.Parse(Text(given, "chip")).OrThrow();
        if (ProgramOpener.OpenHead(sealedHead, chip, kem).Refused(out var head, out var why))
        {
            return why;
        }

        if (ImageOpener.JudgeSize(head, body.Length) is { } size)
        {
            return size;
        }

        if (ImageOpener.Begin(head, body.AsSpan(0, BodyShape.HeaderSize)).Refused(out var opener, out why))
        {
            return why;
        }

        using (opener)
        {
            var chunk = new byte[BodyShape.ChunkSize];
            foreach (var piece in body[BodyShape.HeaderSize..].Chunk(BodyShape.SealedChunkSize))
            {
                if (opener.OpenChunk(piece, chunk).Refused(out var plain, out why))
                {
                    return why;
                }

                image = [.. image, .. chunk.AsSpan(0, plain)];
            }

            return opener.Finish() is { } other ? other : head;
        }
    }

    private static Outcome<StationSecrets> OpenEnrolment(
        JsonElement given, byte[] bytes, out Enrolment? outside)
    {
        outside = null;
        if (EnrolmentOpener.Verify(bytes, Key(given)).Refused(out var enrolment, out var why))
        {
            return why;
        }

        outside = enrolment.Content;
        using var station = HpkePrivateKey.FromScalar(Hex(given, "station-key"));
        return EnrolmentOpener.Open(enrolment, station);
    }

    private static bool IsRefused<T>(Outcome<T> outcome, JsonElement expect, out T accepted)
        where T : notnull
    {
        var refused = outcome.Refused(out var value, out var why);
        Assert.Equal(expect.TryGetProperty("refused", out var name) ? name.GetString() : null, why?.Name);
        accepted = value!;
        return refused;
    }

    private static (JsonElement Given, JsonElement Expect) Load(string folder, string name)
    {
        var root = JsonDocument.Parse(
            File.ReadAllBytes(Repository.PathTo("vectors", folder, name + ".json"))).RootElement;
        return (root, root.GetProperty("expect"));
    }

    private static PublicKey Key(JsonElement given) =>
        PublicKey.Parse(Hex(given, "programming-key")).OrThrow();

    private static byte[] Hex(JsonElement given, string member) => Convert.FromHexString(Text(given, member));

    private static string Text(JsonElement given, string member) => given.GetProperty(member).GetString()!;
}
