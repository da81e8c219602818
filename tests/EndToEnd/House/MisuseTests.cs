namespace Keywright.EndToEndTests.House;

/// <summary>What people mistype, forget and lose: each has one clear line, and changes nothing.</summary>
public sealed class MisuseTests : IDisposable
{
    private const int NotUnderstood = 2;
    private const int Fault = 3;

    private readonly TemporaryFolder folder = new();

    private KeywrightProgram Keywright => new(folder.PathTo("."));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Without_a_passphrase_and_a_terminal_it_says_how_to_give_one()
    {
        var silent = new KeywrightProgram(folder.PathTo("."), passphrase: "");

        await silent.Fail(Fault, "KEYWRIGHT_PASSPHRASE", "oem", "init", "--dir", "oem");

        Assert.False(Directory.Exists(folder.PathTo("oem")));
    }

    [Theory]
    [InlineData("order.pub", "oem", "init")]
    [InlineData("chipmaker.pub", "chipmaker", "init", "--family", "otter 1")]
    [InlineData("module.pub", "owner", "init")]
    [InlineData("site.db", "site", "init")]
    [InlineData("station.pub", "station", "init")]
    [InlineData("log.vkey", "directory", "init", "--name", "directory.example/log")]
    public async Task A_folder_that_lost_its_key_file_gets_no_new_identity(string left, params string[] init)
    {
        await Keywright.Succeed([.. init, "--dir", "party"]);
        File.Delete(folder.PathTo("party/keys.kwk"));
        var before = File.ReadAllBytes(folder.PathTo($"party/{left}"));

        await Keywright.Fail(Fault, "restore the key file", [.. init, "--dir", "party"]);

        Assert.False(File.Exists(folder.PathTo("party/keys.kwk")));
        Assert.Equal(before, File.ReadAllBytes(folder.PathTo($"party/{left}")));
    }

    [Theory]
    [InlineData("--quota", "--quota", "0")]
    [InlineData("--lots", "--lots", "1,2,1")]
    [InlineData("--package", "--package", "kettle", "kettle")]
    public Task An_order_counts_from_1_and_names_everything_once(string option, params string[] wrong) =>
        Keywright.Fail(
            NotUnderstood, option,
            [
                "oem", "order", "--id", "1", "--product", "kettle", "--factory", "north",
                .. Option("--quota", "1", wrong), .. Option("--lots", "1", wrong),
                .. Option("--package", "kettle", wrong), .. wrong,
            ]);

    [Theory]
    [InlineData("site", "set-terms", "--enable", "zz")]
    [InlineData("device", "claim", "--chip", "chip", "--out", "claim", "--manifest", "zz")]
    public Task A_digest_has_64_hex_digits(params string[] command) =>
        Keywright.Fail(NotUnderstood, "64 hex digits", command);

    private static string[] Option(string name, string value, string[] wrong) =>
        wrong[0] == name ? [] : [name, value];
}
