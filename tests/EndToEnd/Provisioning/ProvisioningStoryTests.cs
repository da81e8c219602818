using System.Text.Json.Nodes;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.EndToEndTests.Provisioning;

/// <summary>Provisioning from the first share to the last receipt, as its parties type it.</summary>
public sealed class ProvisioningStoryTests(ProvisioningParties parties) : IClassFixture<ProvisioningParties>
{
    private static readonly string[] Lot = ["--chips", "chips"];
    private static readonly string[] BlankChip =
        ["--chip", ProvisioningParties.Blank, "--journal", "attack.journal"];


    private KeywrightProgram Keywright => parties.Keywright;

    [Fact]
    [Trait("Req", "P01")]
    [Trait("Req", "P09")]
    [Trait("Req", "P14")]
    [Trait("Req", "I02")]
    public async Task A_lot_is_provisioned_in_two_runs_counted_told_to_the_site_and_holds_no_secret_outside_chips()
    {
        var first = await Keywright.Succeed([.. ProvisioningParties.Station(Lot), "--limit", "2"]);
        Assert.Equal(2, (int)first["provisioned"]!);
        Assert.Equal(2, first["chips"]!.AsArray().Count);

        var second = await Keywright.Succeed([.. ProvisioningParties.Station(Lot), "--resume"]);
        Assert.Equal(2, (int)second["known"]!);
        Assert.Equal(3, (int)second["provisioned"]!);
        Assert.Equal(5, (int)second["receipts"]!);

        var count = await Keywright.Succeed(ProvisioningParties.Count("2026-1", "station/receipts/2026-1"));
        Assert.Equal(5, (int)count["issued"]!);
        Assert.Equal(100, (int)count["quota"]!);
        Assert.Equal(
            second["chips"]!.AsArray().Select(chip => (string)chip!["chip"]!).Order(),
            Counted("2026-1").Select(leaf => leaf.Chip.ToString()).Order());

        await AChipSaysTheSameAgain((string)second["chips"]![0]!["chip"]!);
        await Keywright.Refuse("already-provisioned", ProvisioningParties.Alone("chips/001"));
        await Keywright.Fail(
            1, "chip.lifecycle is provisioned, the program needs blank", ProvisioningParties.Alone("chips/001"));
        NoSecretLiesOutsideChips();
    }

    [Fact]
    [Trait("Req", "P02")]
    public async Task A_changed_program_is_refused_by_everybody()
    {
        var changed = parties.Changed("chipmaker/program.cose", bytes => bytes.AsSpan().IndexOf("oem share"u8));

        await Keywright.Refuse(
            "bad-signature",
            "chipmaker", "check-program", changed, "--chip-maker-key", "chipmaker/chipmaker.pub");
        await Keywright.Refuse(
            "bad-signature",
            "oem", "seal", "--dir", "oem", "--name", "none", "--chip", "other/001", "--assets",
            "safe/assets.json", "--program", changed, "--chip-maker-key", "chipmaker/chipmaker.pub");
        await Keywright.Refuse("bad-signature", ProvisioningParties.Station(BlankChip, program: changed));
        await Keywright.Refuse(
            "bad-signature", ProvisioningParties.Alone(ProvisioningParties.Blank, program: changed));
        await TheChipIsBlank();
    }

    [Theory]
    [InlineData("oem/packages/kettle-2.package", "foreign-package", "foreign-package")]
    [InlineData("changed", "foreign-package", "damaged-package")]
    [InlineData("factory/packages/own.package", "wrong-owner", "wrong-owner")]
    [Trait("Req", "P13")]
    public async Task No_other_package_rides_on_a_genuine_order(string package, string atStation, string inChip)
    {
        if (package == "changed")
        {
            package = parties.Changed("oem/packages/kettle-1.package", bytes => bytes.Length * 7 / 10);
        }
        else if (package.StartsWith("factory", StringComparison.Ordinal))
        {
            await Keywright.Succeed("oem", "init", "--dir", "factory");
            await parties.Seal("factory", "own");
        }

        await Keywright.Refuse(atStation, ProvisioningParties.Station(BlankChip, package));
        await Keywright.Refuse(inChip, ProvisioningParties.Alone(ProvisioningParties.Blank, package));
        await TheChipIsBlank();
    }

    [Fact]
    [Trait("Req", "P13")]
    public async Task A_chip_of_a_lot_that_was_not_ordered_refuses()
    {
        var (exitCode, said) = await Keywright.Run(ProvisioningParties.Station(
            ["--chip", "other/002", "--journal", "other.journal"]));

        Assert.Equal(1, exitCode);
        Assert.Equal("wrong-lot", (string?)Assert.Single(said["chips"]!.AsArray())!["refused as"]);
        await Keywright.Refuse("wrong-lot", ProvisioningParties.Alone("other/002"));
        await Keywright.Fail(
            1, "chip.lot is 9, order.lots allows 1, 2", ProvisioningParties.Alone("other/002"));
    }

    [Fact]
    [Trait("Req", "P14")]
    public async Task Overproduction_is_named_when_receipts_are_counted()
    {
        await parties.Order("2026-2", "3", "1");
        var honest = await parties.FactoryTool.Run(
            ProvisioningParties.Station(["--chips", "more"], order: "2026-2")[1..]);
        Assert.Equal(1, honest.ExitCode);
        Assert.Equal("over-quota", (string?)honest.Said["chips"]![1]!["refused as"]);

        await Keywright.Succeed(
            [.. ProvisioningParties.Alone("more/002", order: "2026-2"), "--out", "dishonest/2.receipt"]);
        await Keywright.Succeed("device", "receipt", "--chip", "more/001", "--out", "dishonest/1.receipt");
        File.Copy(parties.PathTo("dishonest/1.receipt"), parties.PathTo("dishonest/3.receipt"));
        File.WriteAllBytes(parties.PathTo("dishonest/4.receipt"), [0]);
        var (exitCode, said) = await Keywright.Run(ProvisioningParties.Count("2026-2", "dishonest"));

        Assert.Equal(1, exitCode);
        Assert.Equal(2, (int)said["issued"]!);
        Assert.Equal(1, (int)said["over quota"]!);
        Assert.Equal(1, (int)said["repeated"]!);
        Assert.Equal("malformed", (string?)Assert.Single(said["refused receipts"]!.AsArray())!["refused as"]);
        Assert.Single(Counted("2026-2"));
    }

    [Fact]
    [Trait("Req", "P14")]
    public async Task Who_was_counted_stays_counted_when_more_receipts_come()
    {
        const string Id = "2026-6";
        await parties.Order(Id, "60", "1");
        await parties.Fabricate("60", "2", "sixty");
        foreach (var chip in new[] { "sixty/001", "sixty/002" })
        {
            await Keywright.Succeed([.. ProvisioningParties.Alone(chip, order: Id), "--out", $"{chip}.receipt"]);
        }

        // Under a name that comes after the other one's.
        Directory.CreateDirectory(parties.PathTo("came"));
        File.Copy(parties.PathTo("sixty/001.receipt"), parties.PathTo("came/z.receipt"));
        await Keywright.Succeed(ProvisioningParties.Count(Id, "came"));
        var counted = Assert.Single(Counted(Id)).Chip;
        File.Copy(parties.PathTo("sixty/002.receipt"), parties.PathTo("came/a.receipt"));
        var (exitCode, said) = await Keywright.Run(ProvisioningParties.Count(Id, "came"));

        Assert.Equal(1, exitCode);
        Assert.Equal(2, (int)said["issued"]!);
        Assert.Equal(1, (int)said["counted before"]!);
        Assert.NotEqual(counted.ToString(), (string?)Assert.Single(said["chips over quota"]!.AsArray()));
        Assert.Equal(counted, Assert.Single(Counted(Id)).Chip);

        File.Copy(parties.PathTo("oem/orders/2026-1.cose"), parties.PathTo("not-a-count"));
        File.Copy(parties.PathTo("not-a-count"), parties.PathTo($"oem/orders/{Id}.chips.cose"), overwrite: true);
        await Keywright.Refuse("wrong-type", ProvisioningParties.Count(Id, "came"));
    }

    [Fact]
    [Trait("Req", "P10")]
    public async Task Kept_halves_seal_again_and_those_of_two_packages_do_not_mix()
    {
        var again = Regenerate("kettle-1", "kettle-1b");
        Assert.Equal(6, (await Keywright.Succeed(again))["assets"]!.AsArray().Count);
        Assert.Equal(3, (await Keywright.Run(again)).ExitCode);

        File.Copy(
            parties.PathTo("oem/safe/kettle-1.keep-input"), parties.PathTo("oem/safe/mixed.keep-input"));
        File.Copy(
            parties.PathTo("oem/safe/kettle-2.keep-share"), parties.PathTo("oem/safe/mixed.keep-share"));
        await Keywright.Refuse("keep-mismatch", Regenerate("mixed", "kettle-1c"));
    }

    [Theory]
    [InlineData("ccm", "51")]
    [InlineData("cbc-cmac", "52")]
    [Trait("Req", "P07")]
    public async Task A_lot_is_provisioned_in_the_suite_that_its_chips_can_open(string suite, string lot)
    {
        var package = $"oem/packages/{suite}.package";
        Assert.Equal(suite, (string?)(await parties.Seal("oem", suite, suite))["suite"]);
        await parties.Order(suite, $"{lot},2", "2", suite);
        await parties.Fabricate(lot, "2", suite);

        var lines = ProvisioningParties.Station(["--chips", suite], package, order: suite);
        Assert.Equal(2, (int)(await Keywright.Succeed(lines))["provisioned"]!);
        var count = await Keywright.Succeed(ProvisioningParties.Count(suite, $"station/receipts/{suite}"));
        Assert.Equal(2, (int)count["issued"]!);

        var changed = parties.Changed(package, bytes => bytes.Length - 100);
        await Keywright.Refuse(
            "damaged-package", ProvisioningParties.Alone(ProvisioningParties.Blank, changed, order: suite));
        await TheChipIsBlank();
    }

    [Fact]
    [Trait("Req", "P05")]
    public async Task Kept_halves_lie_in_the_oems_safe_and_serve_no_other_oem()
    {
        await parties.Seal("oem", "kettle-9");
        Assert.Empty(Directory.GetFiles(parties.PathTo("oem/packages"), "*.keep-*"));
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode ForThisUser = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(
                ForThisUser | UnixFileMode.UserExecute, File.GetUnixFileMode(parties.PathTo("oem/safe")));
            Assert.Equal(ForThisUser, File.GetUnixFileMode(parties.PathTo("oem/safe/kettle-9.keep-input")));
            Assert.Equal(ForThisUser, File.GetUnixFileMode(parties.PathTo("oem/safe/kettle-9.keep-share")));
        }

        await Keywright.Succeed("oem", "init", "--dir", "thief");
        Directory.CreateDirectory(parties.PathTo("thief/safe"));
        foreach (var half in new[] { "keep-input", "keep-share" })
        {
            File.Copy(parties.PathTo($"oem/safe/kettle-9.{half}"), parties.PathTo($"thief/safe/kettle-9.{half}"));
        }

        await Keywright.Refuse("wrong-owner", Regenerate("kettle-9", "mine", "thief"));
        await Keywright.Succeed(Regenerate("kettle-9", "kettle-9b"));
    }

    [Fact]
    public async Task A_run_of_fabrication_that_was_cut_short_goes_on_with_the_chips_that_it_made()
    {
        await parties.Fabricate("20", "1", "cut");
        var leaf = File.ReadAllBytes(parties.PathTo("chipmaker/lots/20.leaves"));
        File.Delete(parties.PathTo("chipmaker/lots/20.list.cose"));

        await parties.Fabricate("20", "2", "cut");

        var leaves = File.ReadAllBytes(parties.PathTo("chipmaker/lots/20.leaves"));
        Assert.Equal(2 * ChipLeaf.Size, leaves.Length);
        Assert.NotEqual(-1, leaves.AsSpan().IndexOf(leaf));
        Assert.Equal(2, Directory.GetDirectories(parties.PathTo("cut")).Length);
    }

    [Theory]
    [InlineData("version 1\ncommand seal\n  nonsense", "line 3: there is no instruction nonsense", "malformed")]
    [InlineData("version 1\ncommand a\n  root k0 = oem-share\n  public v0 = k0 \"public x\" [] 32\n"
        + "  emit \"x\" = v0\n  put k0", "put", "unconfined-program")]
    [Trait("Req", "P02")]
    public async Task A_program_that_is_wrong_is_not_signed(string text, string what, string reason)
    {
        File.WriteAllText(parties.PathTo("wrong.kwp"), text);

        var (exitCode, said) = await Keywright.Run(
            "chipmaker", "sign-program", "wrong.kwp", "--dir", "chipmaker");

        Assert.Equal(1, exitCode);
        Assert.Equal(reason, (string?)said["refused"]);
        Assert.Contains(what, (string?)said["what"]);
    }

    [Theory]
    [InlineData("{}", "an array of assets")]
    [InlineData("""[{"ref": 1, "kind": "key", "hex": "00"}, {"ref": 2, "kind": "teapot", "hex": "00"}]""", "asset 2")]
    [InlineData("""[{"ref": 1, "kind": "key", "hex": "0"}]""", "hexadecimal")]
    [InlineData("""[{"ref": 1, "kind": "key", "generate": 32}]""", "generate")]
    [InlineData("""[{"ref": 1, "kind": "key", "hex": "00", "size": 1}]""", "only \"ref\"")]
    [InlineData("""[{"ref": 1, "ref": 2, "kind": "key", "hex": "00"}]""", "each name once")]
    [InlineData("[{\"ref\": 1, \"kind\": \"key\",\n \"hex\": 5ecbe7}]", "at line 2, byte")]
    [InlineData("""[{"ref": 1, "kind": "key", "5ecbe7": "hex"}]""", "missing")]
    [InlineData("""[{"ref": 1, "kind": "5ecbe7", "hex": "00"}]""", "one of")]
    public async Task A_list_of_assets_that_is_wrong_is_refused_with_the_place(string json, string what)
    {
        File.WriteAllText(parties.PathTo("wrong.json"), json);

        var (exitCode, said) = await Keywright.Run(
            "oem", "seal", "--dir", "oem", "--name", "wrong", "--chip", "other/001", "--assets", "wrong.json",
            "--program", "chipmaker/program.cose", "--chip-maker-key", "chipmaker/chipmaker.pub");

        Assert.Equal(1, exitCode);
        Assert.Equal("malformed", (string?)said["refused"]);
        Assert.Contains(what, (string?)said["what"]);
        Assert.DoesNotContain("5ecbe7", said.ToJsonString(), StringComparison.Ordinal);
    }

    private static string[] Regenerate(string from, string name, string oem = "oem") =>
    [
        "oem", "regenerate", "--dir", oem, "--from", from, "--name", name, "--chip", "other/001",
        "--assets", "safe/assets.json", "--mode", "family", "--program", "chipmaker/program.cose",
        "--chip-maker-key", "chipmaker/chipmaker.pub",
    ];

    private async Task TheChipIsBlank() => Assert.Equal(
        "blank",
        (string?)(await Keywright.Succeed("device", "identify", "--chip", ProvisioningParties.Blank))["lifecycle"]);

    private async Task AChipSaysTheSameAgain(string chip)
    {
        await Keywright.Succeed("device", "receipt", "--chip", "chips/001", "--out", "again.receipt");
        Assert.Equal(
            File.ReadAllBytes(parties.PathTo($"station/receipts/2026-1/{chip}.receipt")),
            File.ReadAllBytes(parties.PathTo("again.receipt")));
    }

    private IReadOnlyList<ChipLeaf> Counted(string order)
    {
        var key = PublicKey.Parse(File.ReadAllBytes(parties.PathTo("oem/order.pub"))).OrThrow();
        var signed = Digest.Of(File.ReadAllBytes(parties.PathTo($"oem/orders/{order}.cose")));
        var counted = File.ReadAllBytes(parties.PathTo($"oem/orders/{order}.chips.cose"));
        return CountedChips.Verify(counted, signed, key).OrThrow().Content.Chips;
    }

    private void NoSecretLiesOutsideChips()
    {
        var secrets = FamilySecrets();
        var inChip = File.ReadAllBytes(parties.PathTo("chips/001/silicon"));
        Assert.All(secrets, secret => Assert.NotEqual(-1, inChip.AsSpan().IndexOf(secret)));

        secrets.AddRange([
            ProvisioningParties.Key, ProvisioningParties.TransportKey, ProvisioningParties.Seed]);
        var files = new[] { "chipmaker", "oem", "station" }.SelectMany(party => Directory.GetFiles(
            parties.PathTo(party), "*", SearchOption.AllDirectories)).ToList();
        Assert.Contains(parties.PathTo("station/2026-1.journal"), files);
        Assert.All(files, file =>
        {
            var bytes = File.ReadAllBytes(file);
            Assert.All(secrets, secret => Assert.Equal(-1, bytes.AsSpan().IndexOf(secret)));
        });
    }

    /// <summary>As docs/spec/provisioning.md 1.2 lays them out.</summary>
    private List<byte[]> FamilySecrets()
    {
        using var passphrase = Passphrase.FromText(KeywrightProgram.Passphrase);
        using var file = KeyFile.Open(
            parties.PathTo("chipmaker/keys.kwk"), passphrase, new SeededEntropy(1)).OrThrow();
        using var record = file.Record("family").OrThrow();
        var reader = new CborReader(record.Expose());
        var secrets = new List<byte[]>();
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        reader.Text(1, ShortText.MaxLength);
        reader.Key(2);
        reader.Bytes(PublicKey.Size);
        reader.Key(3);
        for (var shares = reader.Array(2, 8); shares > 0; shares--)
        {
            secrets.Add(reader.Bytes(32).ToArray());
        }

        reader.EndArray();
        foreach (var key in new[] { 4, 5 })
        {
            reader.Key(key);
            secrets.Add(reader.Bytes(32).ToArray());
        }

        reader.EndMap();
        Assert.Null(reader.Finish());
        return secrets;
    }
}
