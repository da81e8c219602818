using Keywright.Protocol.Backup.Log;
using Keywright.PublicDirectory.Backup;
using Keywright.TestSupport;

namespace Keywright.EndToEndTests.Backup;

public sealed class DirectoryCommandsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly BackupParties parties = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Req", "K06")]
    [Trait("Req", "K11")]
    public async Task Anyone_mirrors_audits_and_looks_up_with_commands_and_files_alone()
    {
        var chip = parties.NewChip("d-1");
        using (var files = DiskFiles.ForWriting(folder.PathTo("directory")))
        {
            var log = parties.OpenDirectory(files);
            parties.AdmitTo(log);
            PublishEntry.Run(log, parties.EntryOf(chip, 1)).OrThrow();
            PublishEntry.Run(log, parties.EntryOf(parties.NewChip("d-2"), 1)).OrThrow();
        }

        var key = folder.Write("log-key", System.Text.Encoding.ASCII.GetBytes($"{parties.LogKey}\n"));
        var (directory, mirror, found) =
            (folder.PathTo("directory"), folder.PathTo("mirror"), folder.PathTo("found"));

        await Succeed("mirror", "--folder", directory, "--to", mirror, "--log-key", key);
        var audited = await Succeed("audit", "--folder", mirror, "--log-key", key);
        Assert.Contains("sound", audited, StringComparison.Ordinal);
        await Succeed("look-up", "--folder", mirror, "--out", found, chip.Id.ToString());

        var entry = await File.ReadAllBytesAsync(Path.Combine(found, "entry"), Cancelled);
        var proof = await File.ReadAllBytesAsync(Path.Combine(found, "proof"), Cancelled);
        var checkpoint = LogProof.Parse(proof).OrThrow().Check(MerkleTree.LeafHash(entry), parties.LogKey);
        Assert.Equal(2, checkpoint.OrThrow().Size);

        var path = Directory.GetFiles(mirror, "*.entry", SearchOption.AllDirectories)[0];
        entry = await File.ReadAllBytesAsync(path, Cancelled);
        entry[^1] ^= 1;
        await File.WriteAllBytesAsync(path, entry, Cancelled);
        var (status, said) = await Run("audit", "--folder", mirror, "--log-key", key, "--json");
        Assert.Equal(1, status);
        Assert.Contains(Path.GetFileName(path), said, StringComparison.Ordinal);
        (status, said) = await Run("look-up", "--folder", mirror, "--out", found, new string('0', 34));
        Assert.Equal(1, status);
        Assert.Contains("malformed", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_keepers_folder_stands_for_its_public_files_and_any_other_folder_is_no_directory()
    {
        var keywright = new KeywrightProgram(folder.PathTo("."));
        await keywright.Succeed("directory", "init", "--dir", "kept", "--name", "directory.example/log");
        string[] audit = ["directory", "audit", "--log-key", "kept/log.vkey", "--folder"];

        Assert.True((bool)(await keywright.Succeed([.. audit, "kept"]))["sound"]!);
        Assert.True((bool)(await keywright.Succeed([.. audit, "kept/public"]))["sound"]!);

        await keywright.Fail(3, "is no public directory", [.. audit, "."]);
        await keywright.Fail(
            3, "is no public directory",
            "directory", "look-up", "--folder", "nowhere", "--out", "found", new string('0', 34));
        Assert.False(Directory.Exists(folder.PathTo("found")));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Task<(int Status, string Said)> Run(params string[] arguments) => ExternalProgram.Run(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "keywright.dll"), "directory", .. arguments]);

    private static Task<string> Succeed(params string[] arguments) => ExternalProgram.Succeed(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "keywright.dll"), "directory", .. arguments]);
}
