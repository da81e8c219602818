using System.Text;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;

namespace Keywright.EndToEndTests.Demo;

/// <summary>The demo as a newcomer runs it: the real program, a small lot.</summary>
public sealed class DemoTests : IDisposable
{
    private const int WindowSize = 32;

    private readonly TemporaryFolder folder = new();

    [Fact]
    [Trait("Req", "P01")]
    [Trait("Req", "D07")]
    [Trait("Req", "I01")]
    [Trait("Req", "I02")]
    public async Task The_whole_story_plays_each_attack_is_refused_by_its_name_and_carriers_hold_nothing_in_clear()
    {
        var keywright = new KeywrightProgram(folder.PathTo("."));
        var summary = await keywright.Succeed("demo", "--dir", "play", "--chips", "5");
        var names = summary["refusals"]!.AsArray().Select(row => row!["refused as"]!.ToString()).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "bad-signature", "unlock-mismatch", "damaged-package", "foreign-package", "wrong-lot", "already-provisioned", "unknown-chip",
                "fork", "second-delivery", "unknown-id", "rollback", "not-the-recipient", "bad-key-block", "foreign-backup",
            },
            names);
        Assert.Contains(
            summary["refusals"]!.AsArray(),
            row => row!["attack"]!.ToString().Contains("plays a chip")
                && row["refused as"]!.ToString() == "not-the-recipient");

        var secrets = new[] { "oem/app-1.bin", "oem/app-2.bin", "oem/calibration.bin", "radio-owner/radio.bin" };
        foreach (var secret in secrets.Select(file => File.ReadAllBytes(folder.PathTo($"play/{file}"))))
        {
            Assert.Empty(FilesWith(secret.AsSpan(100, WindowSize).ToArray(), "station", "directory", "chips", "overrun"));
        }

        var core = Directory.GetFiles(folder.PathTo("play/oem/dumps"), "*", SearchOption.AllDirectories)
            .Select(File.ReadAllBytes).Single(bytes => bytes.AsSpan().StartsWith("\u007fELF"u8));
        var telling = Enumerable.Range(core.Length / 2, core.Length / 4)
            .Select(start => core.AsSpan(start, WindowSize).ToArray()).First(window => window.Distinct().Count() > 24);
        Assert.Empty(FilesWith(telling, "evil", "chips"));
        Assert.Equal(-1, core.AsSpan().IndexOf(Encoding.UTF8.GetBytes(KeywrightProgram.Passphrase)));
        NoPartyHoldsAChipsSecret(summary.ToJsonString());
    }

    [Fact]
    [Trait("Req", "I02")]
    public async Task What_the_demo_leaves_can_be_looked_at_with_the_parties_own_commands()
    {
        var keywright = new KeywrightProgram(folder.PathTo("."));
        await keywright.Succeed("demo", "--dir", "play", "--chips", "4");
        var left = new KeywrightProgram(folder.PathTo("play"));
        Assert.Equal("fielded", (await left.Succeed("device", "identify", "--chip", "chips/001"))["lifecycle"]!.ToString());
        Assert.Equal(4, (await left.Succeed("site", "report", "--dir", "site"))["orders"]![0]!["programmed"]!.GetValue<int>());
        var alerts = (JsonArray)await left.Succeed("site", "alerts", "--dir", "site");
        Assert.Contains("fork", alerts.Select(alert => alert!["reason"]!.ToString()));
        await keywright.Succeed("demo", "--dir", "play", "--chips", "4");
    }

    [Fact]
    public async Task A_folder_that_no_demo_made_is_left_alone()
    {
        Directory.CreateDirectory(folder.PathTo("letters"));
        File.WriteAllText(folder.PathTo("letters/letter.txt"), "mine");
        var keywright = new KeywrightProgram(folder.PathTo("."));
        Assert.Equal(3, (await keywright.Run("demo", "--dir", "letters", "--chips", "4")).ExitCode);
        Assert.Equal(3, (await keywright.Run("demo", "--dir", ".", "--chips", "4")).ExitCode);
        Assert.Equal("mine", File.ReadAllText(folder.PathTo("letters/letter.txt")));
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Of all that every party keeps, the files that stand for dies alone hold what is theirs.</summary>
    private void NoPartyHoldsAChipsSecret(string said)
    {
        var (ofDies, others) = (new KnownSecrets(), new KnownSecrets());
        var chips = Directory.GetFiles(folder.PathTo("play"), "silicon", SearchOption.AllDirectories)
            .Select(path => Path.GetDirectoryName(path)!).ToList();
        foreach (var chip in chips)
        {
            using var silicon = SoftChip.Open(chip, new SeededNoise(1));
            using var state = ChipState.Boot(silicon);
            StoredKeys.AddTo(others, state);
        }

        var dies = chips.Select(DieSecrets.Of).ToList();
        dies.ForEach(die => die.AddTo(ofDies));
        dies.ForEach(die => die.AddDerivedTo(others));
        foreach (var package in new[] { "kettle-0", "kettle-1" })
        {
            var keeps = new Keeps(
                File.ReadAllBytes(folder.PathTo($"play/oem/safe/{package}.keep-input")),
                File.ReadAllBytes(folder.PathTo($"play/oem/safe/{package}.keep-share")));
            var sealedPackage = File.ReadAllBytes(folder.PathTo($"play/oem/packages/{package}.package"));
            PackageSecrets.AddTo(others, dies[0], sealedPackage, keeps, dies.Select(die => die.Chip));
        }

        Assert.Empty(ofDies.FindIn(said));
        Assert.Empty(others.FindIn(said));
        Assert.Empty(ofDies.FindInFolder(folder.PathTo("play"), name => Path.GetFileName(name) == "silicon"));
        Assert.Empty(others.FindInFolder(folder.PathTo("play")));
        Assert.NotEmpty(ofDies.FindInFile(folder.PathTo("play/chips/001/silicon")));
    }

    private IEnumerable<string> FilesWith(byte[] window, params string[] folders) =>
        folders.SelectMany(name => Directory.GetFiles(folder.PathTo($"play/{name}"), "*", SearchOption.AllDirectories))
            .Where(file => File.ReadAllBytes(file).AsSpan().IndexOf(window) >= 0);
}
