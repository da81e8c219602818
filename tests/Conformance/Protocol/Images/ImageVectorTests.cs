using System.Globalization;
using System.Text;
using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Images;
using Keywright.Protocol.Keys;
using Keywright.TestSupport;

namespace Keywright.ConformanceTests.Protocol.Images;

public class ImageVectorTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Repository.PathTo("vectors", "images")).Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [Trait("Req", "T03")]
    [MemberData(nameof(Cases))]
    public void An_image_is_read_patched_and_written_as_the_vector_says(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Repository.PathTo("vectors", "images", file)));
        var vector = document.RootElement;
        var expect = vector.GetProperty("expect");
        switch (vector.GetProperty("kind").GetString())
        {
            case "intel-hex":
                Compare(expect, IntelHex.Format.Read(Encoding.UTF8.GetBytes(TextOf(vector, "input"))));
                break;
            case "intel-hex-write":
                var text = IntelHex.Format.Write(ImageOf(vector.GetProperty("image"))).OrThrow();
                Assert.Equal(expect.GetString(), Encoding.ASCII.GetString(text));
                break;
            case "s-record":
                Compare(expect, SRecord.Format.Read(Encoding.UTF8.GetBytes(TextOf(vector, "input"))));
                break;
            case "s-record-write":
                var records = SRecord.Format.Write(ImageOf(vector.GetProperty("image"))).OrThrow();
                Assert.Equal(expect.GetString(), Encoding.ASCII.GetString(records));
                break;
            case "elf":
                Compare(expect, new Elf(ElfTarget.Arm).Read(BytesOf(vector, "input")));
                break;
            case "elf-write":
                var elf = new Elf(TargetOf(vector)).Write(ImageOf(vector.GetProperty("image"))).OrThrow();
                Assert.Equal(expect.GetString(), Convert.ToHexStringLower(elf));
                break;
            case "raw":
                Compare(expect, new RawBinary(NumberOf(vector, "base")).Read(BytesOf(vector, "input")));
                break;
            case "zone-plan":
                ComparePlan(expect, PlanOf(vector.GetProperty("input")));
                break;
            case "patch":
                ComparePatched(expect, vector);
                break;
            default:
                Assert.Fail($"{file} is of no known kind");
                break;
        }
    }

    private static void Compare(JsonElement expect, Outcome<MemoryImage> outcome)
    {
        var refused = outcome.Refused(out var image, out var why);

        Assert.Equal(RefusalIn(expect), why?.Name);
        if (!refused)
        {
            Assert.Equal(ImageOf(expect), image);
        }
    }

    private static void ComparePlan(JsonElement expect, Outcome<ZonePlan> outcome)
    {
        outcome.Refused(out _, out var why);

        Assert.Equal(RefusalIn(expect) ?? "accepted", why?.Name ?? "accepted");
    }

    private static void ComparePatched(JsonElement expect, JsonElement vector)
    {
        var identities = vector.GetProperty("identities").EnumerateArray()
            .Select(id => DeviceId.Parse(id.GetString()!).OrThrow())
            .ToList();
        var keys = vector.GetProperty("keys").EnumerateArray()
            .Select(key => new MadeUpKey(Convert.FromHexString(key.GetString()!)))
            .ToList();

        var refused = PatchZones
            .Apply(ImageOf(vector), PlanOf(vector.GetProperty("plan")).OrThrow(), identities, keys)
            .Refused(out var patched, out var why);

        Assert.Equal(RefusalIn(expect), why?.Name);
        if (!refused)
        {
            using var file = IntelHex.Format.Write(patched!).OrThrow();
            Assert.Equal(ImageOf(expect), IntelHex.Format.Read(file.Expose()).OrThrow());
        }
    }

    private static string? RefusalIn(JsonElement expect) =>
        expect.ValueKind == JsonValueKind.Object && expect.TryGetProperty("refused", out var name)
            ? name.GetString()
            : null;

    private static MemoryImage ImageOf(JsonElement holder)
    {
        var segments = holder.TryGetProperty("segments", out var found) ? found : holder.GetProperty("image");
        StartAddress? start = holder.TryGetProperty("start", out var given)
            ? new StartAddress(NumberOf(given, "value"), given.GetProperty("segmented").GetBoolean())
            : null;
        return MemoryImage.Of(
            [.. segments.EnumerateArray().Select(segment => (NumberOf(segment, "address"), BytesOf(segment, "bytes")))],
            start).OrThrow();
    }

    private static ElfTarget TargetOf(JsonElement vector) => new(
        vector.GetProperty("class").GetInt32() == 64,
        vector.GetProperty("bigEndian").GetBoolean(),
        vector.GetProperty("machine").GetUInt16(),
        NumberOf(vector, "flags"));

    private static Outcome<ZonePlan> PlanOf(JsonElement plan) =>
        ZonePlanFile.Read(Encoding.UTF8.GetBytes(plan.GetRawText()));

    private static string TextOf(JsonElement holder, string name) => holder.GetProperty(name).GetString()!;

    private static byte[] BytesOf(JsonElement holder, string name) => Convert.FromHexString(TextOf(holder, name));

    private static uint NumberOf(JsonElement holder, string name) =>
        uint.Parse(TextOf(holder, name)[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed class MadeUpKey(byte[] bytes) : Secret(bytes);
}
