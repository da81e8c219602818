using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Protocol.Images;

[Trait("Req", "T03")]
public class ZonePlanFileTests
{
    private const string Parameter =
        """
        {"name":"id","holds":"identity","number":1,
        "address":"0x00000010","min-bytes":1,"max-bytes":8,"blank":"0xFF","fill":"0x00"}
        """;

    private const string Good = $$"""{"version":1,"parameters":[{{Parameter}}],"codes":[]}""";

    [Fact]
    public void A_plan_is_read_with_all_its_members()
    {
        var zone = Assert.Single(Read(Good).OrThrow().Parameters);

        Assert.Equal(
            new ParameterZone
            {
                Name = "id",
                Address = 0x10,
                MinBytes = 1,
                MaxBytes = 8,
                Blank = 0xFF,
                Fill = 0,
                Holds = ZoneContent.Identity,
                Number = 1,
            },
            zone);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData(Good + "x")]
    [InlineData("/* plan */" + Good)]
    [InlineData("\uFEFF" + Good)]
    [InlineData("""{"version":1,"version":1,"parameters":[],"codes":[]}""")]
    [InlineData("""{"version":1,"parameters":null,"codes":[]}""")]
    [InlineData("""{"version":1,"parameters":[],"codes":[null]}""")]
    [InlineData("""{"version":1.5,"parameters":[],"codes":[]}""")]
    [InlineData("""{"version":1,"parameters":[[[[[[]]]]]],"codes":[]}""")]
    public void Json_of_another_shape_is_refused(string json)
    {
        Read(json).Refused(out _, out var why);

        Assert.Equal(Reason.Malformed, why?.Reason);
    }

    [Theory]
    [InlineData("\"id\"", "\"\\ud800\"")]
    [InlineData("\"id\"", "\"\"")]
    [InlineData("\"id\"", "\"123456789012345678901234567890123\"")]
    [InlineData("0x00000010", "0x+0000010")]
    [InlineData("0x00000010", "0X00000010")]
    [InlineData("0xFF", "0xFFF")]
    [InlineData("\"min-bytes\":1", "\"min-bytes\":\"1\"")]
    [InlineData("\"min-bytes\"", "\"Min-Bytes\"")]
    public void A_member_of_another_form_is_refused(string good, string bad)
    {
        Assert.Contains(good, Good);

        Read(Good.Replace(good, bad)).Refused(out _, out var why);

        Assert.Equal(Reason.Malformed, why?.Reason);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused()
    {
        var json = Encoding.UTF8.GetBytes(Good);
        json[Good.IndexOf("id", StringComparison.Ordinal)] = 0xFF;

        ZonePlanFile.Read(json).Refused(out _, out var why);

        Assert.Equal(Reason.Malformed, why?.Reason);
    }

    [Fact]
    public void More_than_64_KiB_are_refused_unread()
    {
        Read(Good.PadRight(ZonePlanFile.MaxBytes)).OrThrow();
        Read(Good.PadRight(ZonePlanFile.MaxBytes + 1)).Refused(out _, out var why);

        Assert.Equal(Reason.TooLarge, why?.Reason);
    }

    private static Outcome<ZonePlan> Read(string json) => ZonePlanFile.Read(Encoding.UTF8.GetBytes(json));
}
