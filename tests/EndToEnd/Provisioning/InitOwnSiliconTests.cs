using System.Text.Json.Nodes;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary><c>keywright init</c>: an OEM that is its own chip maker, from nothing to a counted lot.</summary>
public sealed class InitOwnSiliconTests : IDisposable
{
    private const int NotUnderstood = 2;
    private const int Fault = 3;

    private readonly TemporaryFolder folder = new();

    private KeywrightProgram Keywright => new(folder.PathTo("."));

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Req", "P01")]
    [Trait("Req", "P14")]
    public async Task After_init_the_steps_of_its_readme_lead_to_a_counted_lot()
    {
        var made = await Keywright.Succeed("init", "--chip", "soft", "--dir", "kettle", "--family", "otter 1");
        Assert.Equal(("otter 1", 3), ((string?)made["family"], (int)made["shares"]!));
        Assert.Equal(
            File.ReadAllBytes(Repository.PathTo("examples", "chips", "soft.json")),
            File.ReadAllBytes(folder.PathTo("kettle/chip.json")));

        var there = new KeywrightProgram(folder.PathTo("kettle"));
        var steps = Commands(folder.PathTo("kettle/README.md"));
        Assert.Equal(
            ["fabricate", "fabricate", "seal", "order", "provision", "report", "count"],
            steps.Select(step => step[1]));
        var said = new List<JsonNode>();
        foreach (var step in steps)
        {
            said.Add(await there.Succeed(step));
        }

        Assert.Equal((string?)made["order key"], (string?)said[0]["locked to"]);
        Assert.Equal((10, 10, 0), ((int)said[^1]["issued"]!, (int)said[^1]["provisioned"]!, (int)said[^1]["failed"]!));
    }

    [Theory]
    [InlineData("esp32s3", 2)]
    [InlineData("imx8mm", 3)]
    [InlineData("nrf5340", 3)]
    [InlineData("stm32u585", 3)]
    [Trait("Req", "P01")]
    public async Task For_a_real_part_it_says_that_there_is_no_driver(string chip, int shares)
    {
        var made = await Keywright.Succeed("init", "--chip", chip);

        Assert.StartsWith("none yet", (string?)made["driver"]);
        Assert.Equal(shares, (int)made["shares"]!);
        var readme = File.ReadAllText(folder.PathTo($"{chip}/README.md"));
        Assert.Contains("no driver for this part yet", readme, StringComparison.Ordinal);
        Assert.Contains("make no soft chip of it", readme, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chip_that_nobody_knows_is_answered_with_those_that_are_known()
    {
        await Keywright.Fail(
            NotUnderstood,
            "(esp32s3, imx8mm, nrf5340, soft, stm32u585)",
            "init", "--chip", "teapot", "--dir", "kettle");

        Assert.False(Path.Exists(folder.PathTo("kettle")));
    }

    [Fact]
    public async Task A_folder_that_is_there_is_left_as_it_is()
    {
        Directory.CreateDirectory(folder.PathTo("kettle"));

        await Keywright.Fail(Fault, "kettle is there already", "init", "--chip", "soft", "--dir", "kettle");

        Assert.Empty(Directory.GetFileSystemEntries(folder.PathTo("kettle")));
    }

    [Fact]
    public async Task A_description_of_ones_own_is_read_and_a_wrong_one_refused_with_its_place()
    {
        var text = File.ReadAllText(Repository.PathTo("examples", "chips", "soft.json"));
        File.WriteAllText(folder.PathTo("mine.json"), text.Replace("\"soft\",", "\"mine\",", StringComparison.Ordinal)
            .Replace("\"driver\": \"mine\"", "\"driver\": \"none\"", StringComparison.Ordinal));
        File.WriteAllText(folder.PathTo("wrong.json"), text.Replace("\"word\"", "\"wrod\"", StringComparison.Ordinal));

        Assert.Equal("mine", (string?)(await Keywright.Succeed("init", "--chip", "mine.json"))["family"]);
        var (exitCode, said) = await Keywright.Run("init", "--chip", "wrong.json", "--dir", "kettle");

        Assert.Equal((1, "malformed"), (exitCode, (string?)said["refused"]));
        Assert.Equal("wrong.json: flash.word: missing", (string?)said["what"]);
        Assert.False(Path.Exists(folder.PathTo("kettle")));
        await Keywright.Fail(Fault, "none.json", "init", "--chip", "none.json");
    }

    [Fact]
    public async Task A_run_that_is_refused_leaves_nothing_behind()
    {
        File.WriteAllText(folder.PathTo("empty"), "\n");

        await Keywright.Refuse("bad-seal", "init", "--chip", "soft", "--dir", "kettle", "--passphrase-file", "empty");

        Assert.False(Path.Exists(folder.PathTo("kettle")));
        await Keywright.Succeed("init", "--chip", "soft", "--dir", "kettle");
    }

    [Fact]
    public async Task Without_a_name_the_folder_is_called_as_the_chip()
    {
        await Keywright.Succeed("init", "--chip", "soft");

        Assert.True(File.Exists(folder.PathTo("soft/chipmaker/program.cose")));
        await Keywright.Fail(NotUnderstood, "--family", "init", "--chip", "soft", "--dir", "x", "--family", "");
    }

    /// <summary>What stands in the page's shell block, without the program's name.</summary>
    private static List<string[]> Commands(string page) =>
    [
        .. File.ReadAllText(page).Split("```sh\n")[1].Split("```")[0].Replace(" \\\n  ", " ", StringComparison.Ordinal)
            .Split('\n')
            .Where(line => line.StartsWith("keywright ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1..]),
    ];
}
