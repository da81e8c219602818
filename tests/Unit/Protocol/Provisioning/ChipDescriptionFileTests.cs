using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Protocol.Provisioning;

[Trait("Req", "P01")]
public sealed class ChipDescriptionFileTests
{
    private const string Share = """{ "memory": "otp", "at": "1", "bytes": 32, "read-by": "unit" }""";

    private const string Good = $$"""
        // A part that there is not.
        {
          "version": 1, "name": "part-1", "part": "Part 1", "vendor": "Nobody", "driver": "none",
          "flash": { "bytes": 65536, "page": 4096, "word": 16, "erase-units": [4096, 65536] },
          "ram-bytes": 1024, "suites": ["gcm", "ccm"],
          "chip-id": { "memory": "rom", "at": "0x10", "bytes": 12, "read-by": "anyone" },
          "shares": [{{Share}}, { "memory": "otp", "at": "2", "bytes": 32, "read-by": "secure-program" }],
          "oem-share": { "memory": "otp", "at": "3", "bytes": 32, "read-by": "unit" },
          "oem-master-share": { "memory": "flash", "at": "4", "bytes": 32, "read-by": "program", "sealed-under": "C" },
          "chip-key": { "memory": "otp", "at": "5", "bytes": 32, "read-by": "unit" },
          "monotonic": { "memory": "otp", "at": "6", "bytes": 64, "read-by": "program" },
          "key-store": { "memory": "flash", "at": "7", "bytes": 65536, "read-by": "program", "sealed-under": "C" },
          "locks": [{ "name": "L", "holds": "all", "when": "boot" }],
          "debug": { "port": "SWD", "closed-by": "L", "reopened-by": "erasure" },
          "sources": ["the manual"],
        }
        """;

    [Fact]
    public void A_description_is_read_with_all_its_members()
    {
        var chip = Read(Good).OrThrow();

        Assert.Equal(("part-1", "Part 1", "Nobody", ChipDriver.None), (chip.Name, chip.Part, chip.Vendor, chip.Driver));
        Assert.Equal((65536, 4096, 16), (chip.Flash.SizeBytes, chip.Flash.PageBytes, chip.Flash.WordBytes));
        Assert.Equal([4096, 65536], chip.Flash.EraseUnits);
        Assert.Equal(1024, chip.RamBytes);
        Assert.Equal([PackageSuite.Gcm, PackageSuite.Ccm], chip.Suites);
        Assert.Equal(new ChipPlace("rom", "0x10", 12, ChipReader.Anyone, null), chip.ChipId);
        Assert.Equal(
            [
                new ChipPlace("otp", "1", 32, ChipReader.Unit, null),
                new ChipPlace("otp", "2", 32, ChipReader.SecureProgram, null),
            ],
            chip.Shares);
        Assert.Equal(new ChipPlace("otp", "3", 32, ChipReader.Unit, null), chip.OemShare);
        Assert.Equal(new ChipPlace("flash", "4", 32, ChipReader.Program, "C"), chip.OemMasterShare);
        Assert.Equal(new ChipPlace("otp", "5", 32, ChipReader.Unit, null), chip.ChipKey);
        Assert.Equal(new ChipPlace("otp", "6", 64, ChipReader.Program, null), chip.Monotonic);
        Assert.Equal(new ChipPlace("flash", "7", 65536, ChipReader.Program, "C"), chip.KeyStore);
        Assert.Equal([new ChipLock("L", "all", LockMoment.Boot)], chip.Locks);
        Assert.Equal(new ChipDebug("SWD", "L", DebugReopening.Erasure), chip.Debug);
        Assert.Equal(["the manual"], chip.Sources);
    }

    [Theory]
    [InlineData("\"name\": \"part-1\"", "\"name\": \"Part\"", "name: 1 to 32 characters of a to z")]
    [InlineData("\"vendor\": \"Nobody\", ", "", "vendor: missing")]
    [InlineData("\"vendor\": \"Nobody\"", "\"vendor\": 7", "vendor: a text of 1 to 128")]
    [InlineData("\"vendor\": \"Nobody\"", "\"vendor\": \"\"", "vendor: a text of 1 to 128")]
    [InlineData("\"vendor\": \"Nobody\"", "\"vendor\": \"No\\u0007body\"", "vendor: a text of 1 to 128")]
    [InlineData("\"vendor\": \"Nobody\"", "\"vendor\": \"\\ud800\"", "no Unicode")]
    [InlineData("\"driver\": \"none\"", "\"driver\": \"some\"", "driver: one of none, soft")]
    [InlineData("\"page\": 4096", "\"pgae\": 4096", "flash.page: missing")]
    [InlineData("\"page\": 4096,", "\"page\": 4096, \"pages\": 16,", "flash.pages: there is no such member")]
    [InlineData("\"page\": 4096,", "\"page\": 4096.5,", "flash.page: a whole number from 1")]
    [InlineData("\"page\": 4096,", "\"page\": 100,", "flash.page: a multiple of 256")]
    [InlineData("\"bytes\": 65536, \"page\"", "\"bytes\": 65537, \"page\"", "flash.bytes: whole pages")]
    [InlineData("\"bytes\": 65536, \"page\"", "\"bytes\": 2147483648, \"page\"", "flash.bytes: a whole number from 1")]
    [InlineData("\"word\": 16", "\"word\": 24", "flash.word: a part of a page")]
    [InlineData("[4096, 65536]", "[65536]", "flash.erase-units: a page is one of them")]
    [InlineData("[4096, 65536]", "[4096, \"x\"]", "flash.erase-units[1]: a whole number")]
    [InlineData("[4096, 65536]", "[]", "flash.erase-units: an array of 1 to 32")]
    [InlineData("\"ram-bytes\": 1024", "\"ram-bytes\": 0", "ram-bytes: a whole number from 1")]
    [InlineData("\"gcm\", \"ccm\"", "\"gcm\", \"gcm\"", "suites: each once")]
    [InlineData("\"gcm\", \"ccm\"", "\"rot13\"", "suites[0]: one of gcm, ccm, cbc-cmac")]
    [InlineData("\"bytes\": 12", "\"bytes\": 7", "chip-id.bytes: a whole number from 8 to 17")]
    [InlineData("\"shares\": [" + Share + ", ", "\"shares\": [", "shares: an array of 2 to 8")]
    [InlineData("\"at\": \"2\", \"bytes\": 32", "\"at\": \"2\", \"bytes\": 16", "shares[1].bytes: 32")]
    [InlineData("\"secure-program\"", "\"anyone\"", "shares[1].read-by: a secret is not for anyone")]
    [InlineData("\"at\": \"5\"", "\"at\": \"3\"", "chip-key: the place of another secret")]
    [InlineData("\"oem-share\": {", "\"oem-share\": [], \"x\": {", "oem-share: an object")]
    [InlineData("\"sealed-under\": \"C\" },\n  \"chip-key\"", "\"sealed-under\": null },\n  \"chip-key\"", "oem-master-share.sealed-under: a text")]
    [InlineData("\"when\": \"boot\"", "\"when\": \"later\"", "locks[0].when: one of fabrication, provisioning, boot")]
    [InlineData("\"reopened-by\": \"erasure\"", "\"reopened-by\": \"luck\"", "debug.reopened-by: one of never, erasure, key")]
    [InlineData("[\"the manual\"]", "[]", "sources: an array of 1 to 32")]
    [InlineData("\"version\": 1,", "", "version: missing")]
    [InlineData("\"version\": 1,", "\"version\": 1, \"serial\": 1,", "serial: there is no such member")]
    public void What_is_wrong_is_refused_with_its_path(string good, string bad, string expected)
    {
        Assert.Equal(2, Good.Split(good).Length);

        var why = Refused(Good.Replace(good, bad, StringComparison.Ordinal));

        Assert.Equal(Reason.Malformed, why.Reason);
        Assert.StartsWith(expected, why.Detail.Replace("a text that is ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"vendor\": \"Nobody\",", "\"vendor\": \"Nobody\"", "no JSON at line 3, byte")]
    [InlineData("\"vendor\": \"Nobody\",", "\"vendor\": \"Nobody\", \"vendor\": \"x\",", "no JSON with each name once")]
    public void What_is_no_json_is_refused_with_its_line(string good, string bad, string expected)
    {
        var why = Refused(Good.Replace(good, bad, StringComparison.Ordinal));

        Assert.Equal(Reason.Malformed, why.Reason);
        Assert.StartsWith(expected, why.Detail);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData(Good + "x")]
    public void A_file_that_is_no_object_is_refused(string json) => Assert.Equal(Reason.Malformed, Refused(json).Reason);

    [Fact]
    public void A_description_of_another_version_is_refused_before_the_rest_is_looked_at()
    {
        Assert.Equal(Reason.WrongVersion, Refused("""{ "version": 2, "new": true }""").Reason);
    }

    [Fact]
    public void More_than_64_KiB_are_refused_unread()
    {
        var size = Encoding.UTF8.GetByteCount(Good);
        Read(Good + new string(' ', ChipDescriptionFile.MaxBytes - size)).OrThrow();

        Assert.Equal(
            Reason.TooLarge, Refused(Good + new string(' ', ChipDescriptionFile.MaxBytes - size + 1)).Reason);
    }

    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(Repository.PathTo("examples", "chips")).Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_is_one_and_has_the_name_of_its_file(string file)
    {
        var chip = ChipDescriptionFile.Read(File.ReadAllBytes(Repository.PathTo("examples", "chips", file))).OrThrow();

        Assert.Equal(chip.Name + ".json", file);
        Assert.Equal(chip.Name == "soft" ? ChipDriver.Soft : ChipDriver.None, chip.Driver);
    }

    private static Refusal Refused(string json)
    {
        Assert.True(Read(json).Refused(out _, out var why));
        return why;
    }

    private static Outcome<ChipDescription> Read(string json) => ChipDescriptionFile.Read(Encoding.UTF8.GetBytes(json));
}
