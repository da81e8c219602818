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

    [Theory]
    [InlineData("Nothing to do", "site", "set-terms", "--product", "pump")]
    [InlineData("--require needs --product", "site", "set-terms", "--require", "once")]
    [InlineData("--covered-until needs --device", "site", "set-terms", "--covered-until", "2030-01-01")]
    [InlineData("--ceiling needs --ref1", "sam", "authorise", "--ceiling", "9")]
    public Task Options_that_mean_nothing_alone_are_not_understood(string words, params string[] command) =>
        Keywright.Fail(NotUnderstood, words, command);

    [Fact]
    public async Task What_is_no_regular_file_is_not_replaced_and_folders_above_are_not_made()
    {
        await Keywright.Succeed("oem", "init", "--dir", "oem");
        File.CreateSymbolicLink(folder.PathTo("link"), folder.PathTo("oem/order.pub"));
        var before = File.ReadAllBytes(folder.PathTo("oem/order.pub"));
        string[] draw = ["owner", "new-diagnostics-key", "--dir", "oem", "--out"];

        await Keywright.Fail(Fault, "is no regular file", [.. draw, "link"]);
        await Keywright.Fail(Fault, "is no regular file", [.. draw, "/dev/null"]);
        await Keywright.Fail(Fault, "is not there", [.. draw, "no/such/folder.pub"]);
        await Keywright.Succeed([.. draw, "fresh/diagnostics.pub"]);

        Assert.Equal(before, File.ReadAllBytes(folder.PathTo("oem/order.pub")));
        Assert.False(Directory.Exists(folder.PathTo("no")));
    }

    [Fact]
    public async Task The_program_of_another_epoch_stays_beside_the_new_one()
    {
        await Keywright.Succeed("chipmaker", "init", "--dir", "maker", "--family", "otter 1");
        string[] sign = ["chipmaker", "sign-program", "--dir", "maker", "--epoch"];
        await Keywright.Succeed([.. sign, "1"]);
        var first = File.ReadAllBytes(folder.PathTo("maker/program.cose"));

        await Keywright.Succeed([.. sign, "2"]);

        Assert.Equal(first, File.ReadAllBytes(folder.PathTo("maker/program-1.cose")));
        await Keywright.Fail(NotUnderstood, "--epoch", [.. sign, "0"]);
    }

    private static string[] Option(string name, string value, string[] wrong) =>
        wrong[0] == name ? [] : [name, value];
}
