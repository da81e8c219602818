using System.Text.Json.Nodes;
using Keywright.EndToEndTests.Provisioning;

namespace Keywright.EndToEndTests.Backup;

/// <summary>Identity, backup and recovery as the parties type it, after a real production.</summary>
public sealed class RecoveryStoryTests(FieldParties parties) : IClassFixture<FieldParties>
{
    private KeywrightProgram Keywright => parties.Keywright;

    [Fact]
    [Trait("Req", "K05")]
    [Trait("Req", "K06")]
    [Trait("Req", "K07")]
    [Trait("Req", "I02")]
    public async Task Devices_that_lost_their_flash_recover_from_a_mirror_when_site_and_directory_are_gone()
    {
        Assert.Equal(5, (int)parties.Fielded["fielded"]!);
        Assert.Equal(
            ["SN-1", "SN-2", "SN-3", "SN-4", "SN-5"],
            parties.Fielded["chips"]!.AsArray().Select(chip => (string)chip!["device"]!).Order());
        string[] chips = ["chips/001", "chips/002"];
        var before = new[] { await parties.Look(chips[0]), await parties.Look(chips[1]) };
        Assert.All(
            before, look => Assert.Equal("fielded", (string?)JsonNode.Parse(look.Facts)!["lifecycle"]));
        await Keywright.Succeed(
            "directory", "mirror", "--folder", "directory/public", "--to", "mirror",
            "--log-key", "directory/log.vkey");

        using (new Away(parties, "site"))
        using (new Away(parties, "directory"))
        {
            foreach (var chip in chips)
            {
                var wiped = await Keywright.Succeed("device", "wipe-flash", "--chip", chip);
                Assert.True((bool)wiped["recovery needed"]!);
                await Keywright.Refuse("stale-backup", "device", "receipt", "--chip", chip);
                var said = await Recover(chip, "mirror");
                Assert.False((bool)said["recovery needed"]!);
                await Recover(chip, "mirror");
            }
        }

        for (var i = 0; i < chips.Length; i++)
        {
            var (facts, keys) = await parties.Look(chips[i]);
            Assert.Equal(before[i].Facts, facts);
            Assert.Equal(before[i].Keys, keys);
        }
    }

    [Fact]
    [Trait("Req", "K08")]
    public async Task Nobody_gives_a_device_another_backup_than_its_own_newest_one()
    {
        const string chip = "chips/003";
        await Keywright.Succeed("device", "backup", "--chip", chip, "--out", "older.entry");
        await Keywright.Succeed("device", "backup", "--chip", "chips/004", "--out", "stranger.entry");
        parties.Rekey(chip);
        var published = await Keywright.Succeed(
            "station", "publish-backup", "--directory", "directory", "--chip", chip);
        Assert.Equal(3, (int)Assert.Single(published["chips"]!.AsArray())!["number"]!);
        await Keywright.Succeed("device", "backup", "--chip", chip, "--out", "newest.entry");
        var changed = await File.ReadAllBytesAsync(
            parties.PathTo("newest.entry"), TestContext.Current.CancellationToken);
        changed[^1] ^= 1;
        await File.WriteAllBytesAsync(
            parties.PathTo("changed.entry"), changed, TestContext.Current.CancellationToken);
        await Keywright.Succeed("oem", "init", "--dir", "oem-2");
        var good = await parties.Look(chip);

        await Keywright.Succeed("device", "wipe-flash", "--chip", chip);
        var wiped = await parties.Look(chip);
        await RefuseRecovery("foreign-backup", "--entry", "stranger.entry");
        await RefuseRecovery("stale-backup", "--entry", "older.entry");
        await RefuseRecovery("bad-signature", "--entry", "changed.entry");
        await RefuseRecovery("broken-chain", "--order-key", "oem-2/order.pub");
        Assert.Equal(wiped, await parties.Look(chip), SameLook);
        await Recover(chip, "directory/public", [.. FieldParties.Issuer, "--entry", "newest.entry"]);
        Assert.Equal(good, await parties.Look(chip), SameLook);

        Task RefuseRecovery(string reason, params string[] others) => Keywright.Refuse(
            reason, ["device", "recover", "--chip", chip, "--directory", "directory/public", .. others]);
    }

    [Fact]
    [Trait("Req", "K04")]
    public async Task A_station_repeats_a_batch_without_harm_and_names_the_chips_that_are_refused()
    {
        const string chip = "chips/005";
        parties.Rekey(chip);
        await Keywright.Succeed("device", "backup", "--chip", chip, "--out", "005.entry");
        var entry = Assert.Single((await Keywright.Succeed(
            "directory", "publish", "--dir", "directory", "005.entry"))["published"]!.AsArray())!;
        Assert.Equal(3, (int)entry["number"]!);
        var id = (string)(await Keywright.Succeed("device", "identify", "--chip", chip))["chip"]!;
        await Keywright.Succeed("directory", "look-up", "--folder", "directory/public", "--out", "005", id);
        var shown = await Keywright.Succeed("device", "show-proof", "--chip", chip, "--proof", "005/proof");
        Assert.Equal(3, (int)shown["store shown"]!);

        var leaves = parties.PathTo("directory/public/leaves");
        var size = new FileInfo(leaves).Length;
        Assert.Equal(5, (int)(await Keywright.Succeed(FieldParties.Field("--chips", "chips")))["fielded"]!);
        Assert.Equal(size, new FileInfo(leaves).Length);

        await Keywright.Succeed("device", "wipe-flash", "--chip", chip);
        var (exitCode, said) = await Keywright.Run(FieldParties.Field("--chips", "chips"));
        Assert.Equal(1, exitCode);
        Assert.Equal(4, (int)said["fielded"]!);
        Assert.Equal("stale-backup", (string?)said["chips"]![4]!["refused as"]);
        await Recover(chip, "directory/public");

        string[] blank = ["--chip", ProvisioningParties.Blank];
        await Keywright.Refuse("unknown-id", FieldParties.Field(blank));
        var blanks = await Keywright.Succeed(FieldParties.Field("--chips", "blank"));
        Assert.Equal(1, (int)blanks["passed over"]!);
    }

    private Task<JsonNode> Recover(string chip, string directory, params string[] more) => Keywright.Succeed(
        ["device", "recover", "--chip", chip, "--directory", directory, .. more]);

    private static bool SameLook((string Facts, byte[] Keys) a, (string Facts, byte[] Keys) b) =>
        a.Facts == b.Facts && a.Keys.AsSpan().SequenceEqual(b.Keys);

    /// <summary>A party that is not there for a while.</summary>
    private sealed class Away : IDisposable
    {
        private readonly string path;

        public Away(FieldParties parties, string party)
        {
            path = parties.PathTo(party);
            Directory.Move(path, path + ".away");
        }

        public void Dispose() => Directory.Move(path + ".away", path);
    }
}
