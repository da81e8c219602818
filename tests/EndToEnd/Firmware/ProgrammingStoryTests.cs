using System.Text.Json.Nodes;

namespace Keywright.EndToEndTests.Firmware;

/// <summary>First programming as site and station type it, and as thieves do.</summary>
public sealed class ProgrammingStoryTests(ProgrammingParties parties) : IClassFixture<ProgrammingParties>
{
    private static readonly string[] InSite = ["--dir", "site"];

    private KeywrightProgram Keywright => parties.Keywright;

    [Fact]
    [Trait("Req", "T05")]
    [Trait("Req", "T07")]
    [Trait("Req", "T17")]
    public async Task A_folder_of_chips_becomes_devices_that_the_site_finds_and_counts()
    {
        var program = ProgrammingParties.Program("station", "--site", "site", "--chips", "chips");
        var made = await Keywright.Succeed(program);
        Assert.Equal(3, (int)made["programmed"]!);
        Assert.Equal([0, 1, 2], made["chips"]!.AsArray().Select(chip => (int)chip!["turn"]!));

        var again = await Keywright.Succeed(program);
        Assert.True(JsonNode.DeepEquals(made, again), again.ToString());

        foreach (var chip in made["chips"]!.AsArray())
        {
            var ids = chip!["devices"]!.AsArray();
            Assert.Equal(2, ids.Count);
            var device = await Keywright.Succeed(["site", "device", .. InSite, (string)ids[1]!]);
            Assert.Equal((string)chip["chip"]!, (string?)device["chip"]);
            Assert.Equal((string)ids[0]!, (string?)device["device"]);
            Assert.Equal("S1", (string?)device["station"]);
            Assert.Equal(ProgrammingParties.Factory, (string?)device["factory"]);
            Assert.Equal("personalised", await StageOf((string)chip["folder"]!));
        }

        await Keywright.Refuse("unknown-id", ["site", "device", .. InSite, "SN-99"]);
        await Counted();
    }

    [Fact]
    [Trait("Req", "T07")]
    public async Task A_revoked_station_gets_no_device()
    {
        await parties.Enrol("site", "revoked", "S2");
        await Keywright.Succeed(["site", "revoke-station", .. InSite, "--name", "S2"]);

        await Keywright.Refuse("revoked-station", Spare("revoked", 1));

        await Alerted("site", "revoked-station", "S2");
        await Keywright.Refuse("unknown-station", ["site", "revoke-station", .. InSite, "--name", "S99"]);
    }

    [Fact]
    public async Task Chips_that_were_not_counted_become_no_devices_and_stop_the_line()
    {
        await parties.Enrol("site", "third", "S3");

        await Keywright.Refuse(
            "unknown-chip", ProgrammingParties.Program("third", "--site", "site", "--chip", "uncounted/001"));
        var (exitCode, said) = await Keywright.Run(
            ProgrammingParties.Program("third", "--site", "site", "--chips", "uncounted"));

        Assert.Equal(1, exitCode);
        Assert.Equal([0, 8, 2], Numbers(said, "programmed", "failed", "not tried"));
        await Alerted("site", "unknown-chip", "S3");
        Assert.Equal("provisioned", await StageOf("uncounted/001"));
    }

    [Fact]
    [Trait("Req", "T08")]
    public async Task A_line_that_was_stopped_goes_on_with_the_chip_whose_turn_is_open()
    {
        await parties.Enrol("site", "stopped", "S11");
        await Keywright.Succeed(ProgrammingParties.Program("stopped", "--mail", "none", "--chip", "two/002"));

        var made = await Keywright.Succeed(
            ProgrammingParties.Program("stopped", "--site", "site", "--chips", "two"));

        Assert.Equal(
            [("two/002", 0), ("two/001", 1)],
            made["chips"]!.AsArray().Select(chip => ((string)chip!["folder"]!, (int)chip["turn"]!)));
    }

    [Fact]
    public async Task A_journal_that_lost_its_newest_record_is_called_damaged()
    {
        await parties.Enrol("site", "damaged", "S12");
        var program = ProgrammingParties.Program("damaged", "--mail", "lost", "--chip", "uncounted/010");
        await Keywright.Succeed(program);
        using (var journal = File.OpenWrite(parties.PathTo("damaged/programming.journal")))
        {
            journal.SetLength(journal.Length - 1);
        }

        await Keywright.Fail(3, "enrol the station anew", program);
    }

    [Fact]
    [Trait("Req", "T08")]
    public async Task A_copied_station_gives_itself_away()
    {
        await parties.Enrol("site", "fourth", "S4");
        Copy("fourth", "copied");
        Assert.Equal(0, (int)(await Keywright.Succeed(Spare("fourth", 2)))["turn"]!);

        await Keywright.Refuse("used-turn", Spare("copied", 1));

        await Alerted("site", "used-turn", "S4");
        Assert.Equal("provisioned", await StageOf("spare/001"));
    }

    [Fact]
    public async Task Another_site_does_not_know_the_station_and_one_without_IDs_makes_no_device()
    {
        await parties.SetUpSite("empty");

        await parties.Enrol("site", "fifth", "S5");
        await Keywright.Refuse(
            "unknown-station",
            ProgrammingParties.Program("fifth", "--site", "empty", "--chip", "spare/001"));
        await Alerted("empty", "unknown-station", "S5");

        await parties.Enrol("empty", "sixth", "S6");
        var (exitCode, said) = await Keywright.Run(
            ProgrammingParties.Program("sixth", "--site", "empty", "--chips", "spare"));
        Assert.Equal(1, exitCode);
        Assert.Equal("no-identity-left", (string?)Assert.Single(said["chips"]!.AsArray())!["result"]);
        Assert.NotEqual(0, (int)said["not tried"]!);
        await Alerted("empty", "no-identity-left", "S6");
    }

    [Fact]
    public async Task Take_and_File_are_carried_by_hand_and_a_changed_Take_tells_a_stranger_nothing()
    {
        await parties.Enrol("site", "seventh", "S7");
        var program = ProgrammingParties.Program("seventh", "--mail", "mail", "--chip", "spare/003");
        Assert.Equal("mail/turn-0.take", (string?)(await Keywright.Succeed(program))["take"]);
        await Keywright.Refuse("claim-open", Spare("seventh", 1));

        var take = File.ReadAllBytes(parties.PathTo("mail/turn-0.take"));
        take[^1] ^= 1;
        File.WriteAllBytes(parties.PathTo("mail/changed.take"), take);
        await Keywright.Refuse("unknown-station", Answer("changed.take", "changed.file"));
        await Alerted("site", "bad-mac", "S7");
        Assert.False(File.Exists(parties.PathTo("mail/changed.file")));

        await Keywright.Succeed(Answer("turn-0.take", "turn-0.file"));
        Assert.Equal("programmed", (string?)(await Keywright.Succeed(program))["result"]);
        await Keywright.Refuse("no-claim-open", "station", "abandon-turn", "--dir", "seventh");
    }

    [Fact]
    public async Task An_open_turn_can_be_given_up_and_is_lost()
    {
        await parties.Enrol("site", "eighth", "S8");
        var program = ProgrammingParties.Program("eighth", "--mail", "lost", "--chip", "spare/001");
        await Keywright.Succeed(program);

        var lost = await Keywright.Succeed("station", "abandon-turn", "--dir", "eighth");

        Assert.Equal(0, (int)lost["turn"]!);
        await Keywright.Succeed(program);
        Assert.True(File.Exists(parties.PathTo("lost/turn-1.take")));
    }

    [Fact]
    public async Task Enrolling_again_is_no_matter_and_another_enrolment_needs_another_folder()
    {
        await parties.Enrol("site", "ninth", "S9");
        await parties.Enrol("site", "tenth", "S10");
        string[] enrol = ["station", "enrol", "--dir", "ninth", "--programming-key", "site/programming.pub"];

        await Keywright.Succeed([.. enrol, "--enrolment", "S9.enrolment"]);
        await Keywright.Refuse("identity-taken", [.. enrol, "--enrolment", "S10.enrolment"]);
        await Keywright.Refuse("bad-signature", [
            "station", "enrol", "--dir", "ninth", "--programming-key", "site/issuing.pub",
            "--enrolment", "S9.enrolment"]);
        await Keywright.Refuse("identity-taken", [
            "site", "enrol-station", .. InSite, "--name", "S9", "--factory", ProgrammingParties.Factory,
            "--station-key", "tenth/station.pub", "--out", "S9.second"]);
        Assert.True((bool)(await Keywright.Succeed("station", "init", "--dir", "ninth"))["enrolled"]!);
    }

    [Fact]
    [Trait("Req", "T02")]
    public async Task Software_of_several_programs_is_taken_from_its_file_whole_or_not_at_all()
    {
        await Keywright.Succeed("owner", "init", "--dir", "maker");
        File.WriteAllBytes(parties.PathTo("app.bin"), new byte[70_000]);
        File.WriteAllBytes(parties.PathTo("table.bin"), [1, 2, 3]);
        await Keywright.Succeed(
            "owner", "sign-module", "--dir", "maker", "--product", "pump", "--sequence", "1",
            "--program-version", "1.0", "--program", "app=app.bin", "--program", "table=table.bin",
            "--out", "two.module");
        string[] add = [
            "site", "add-software", .. InSite, "--module", "two.module", "--owner-key", "maker/module.pub"];
        var bodies = parties.PathTo("two.module.bodies");
        var whole = File.ReadAllBytes(bodies);

        foreach (var changed in new[] { [], whole[..^1], [.. whole[..^1], 9] })
        {
            File.WriteAllBytes(bodies, changed);
            await Keywright.Refuse("body-mismatch", add);
        }

        File.WriteAllBytes(bodies, whole);
        Assert.Equal(70_003, (int)(await Keywright.Succeed(add))["bytes"]!);
    }

    [Fact]
    [Trait("Req", "T07")]
    public async Task Killed_while_it_is_enrolled_a_station_goes_on_and_keeps_no_key_of_its_enrolment()
    {
        await Keywright.Succeed("station", "init", "--dir", "cut");
        var (keys, kept) = (parties.PathTo("cut/keys.kwk"), parties.PathTo("cut/programming.pub"));
        var before = File.ReadAllBytes(keys);
        await parties.Enrol("site", "cut", "S20");
        var enrolled = File.ReadAllBytes(keys);

        // Killed behind the journal, then behind the erasure of the key.
        foreach (var found in new[] { before, enrolled })
        {
            File.WriteAllBytes(keys, found);
            File.Delete(kept);
            await Keywright.Fail(3, "station enrol", Spare("cut", 1));
            await Keywright.Succeed(
                "station", "enrol", "--dir", "cut", "--enrolment", "S20.enrolment",
                "--programming-key", "site/programming.pub");
            Assert.True(File.Exists(kept));
            Assert.True((bool)(await Keywright.Succeed("station", "init", "--dir", "cut"))["enrolled"]!);
        }

        File.Copy(parties.PathTo("site/issuing.pub"), kept, overwrite: true);
        await Keywright.Fail(3, "programming key", Spare("cut", 1));
    }

    [Fact]
    public async Task IDs_and_bootloaders_are_taken_whole_or_not_at_all()
    {
        File.WriteAllText(parties.PathTo("bad-ids.txt"), "SN-50\n\nSN 51\n");
        File.WriteAllText(parties.PathTo("taken-ids.txt"), "SN-60\nSN-61, SN-1\n");
        string[] add = ["site", "add-ids", .. InSite, "--product", "pump", "--list"];

        var (exitCode, said) = await Keywright.Run([.. add, "bad-ids.txt"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("line 3", (string?)said["what"]);
        await Keywright.Refuse("identity-taken", [.. add, "taken-ids.txt"]);
        await Keywright.Refuse("older-version", [
            "site", "add-bootloader", .. InSite, "--product", "pump", "--device-type", "pump-a",
            "--version", "0.9", "--sequence", "0",
            "--image", Repository.PathTo("examples", "firmware", "bootloader.hex"),
            "--plan", Repository.PathTo("examples", "firmware", "zones.json")]);
    }

    [Fact]
    public async Task A_bootloader_may_come_as_elf_but_raw_bytes_need_an_address()
    {
        string[] add = [
            "site", "add-bootloader", .. InSite, "--product", "pump", "--device-type", "pump-e", "--version", "1.0",
            "--sequence", "1", "--plan", Repository.PathTo("examples", "firmware", "zones.json"), "--image"];

        await Keywright.Refuse("bad-image", [.. add, Repository.PathTo("examples", "firmware", "bootloader.bin")]);
        await Keywright.Succeed([.. add, Repository.PathTo("examples", "firmware", "bootloader.elf")]);
    }

    [Fact]
    public async Task A_folder_that_was_not_set_up_is_said_to_be_so()
    {
        Assert.Equal(3, (await Keywright.Run("site", "report", "--dir", "nowhere")).ExitCode);
        await Keywright.Succeed("station", "init", "--dir", "unenrolled");
        var (exitCode, said) = await Keywright.Run(Spare("unenrolled", 1));
        Assert.Equal(3, exitCode);
        Assert.Contains("station enrol", said.ToString());
    }

    private static string[] Spare(string station, int chip) =>
        ProgrammingParties.Program(station, "--site", "site", "--chip", $"spare/00{chip}");

    private static string[] Answer(string take, string file) =>
        ["site", "answer-take", .. InSite, "--take", $"mail/{take}", "--out", $"mail/{file}"];

    private async Task<string?> StageOf(string chip) =>
        (string?)(await Keywright.Succeed("device", "identify", "--chip", chip))["lifecycle"];

    private async Task Counted()
    {
        var report = await Keywright.Succeed(["site", "report", .. InSite]);
        var order = Assert.Single(report["orders"]!.AsArray())!;
        var factory = Assert.Single(report["factories"]!.AsArray())!;
        var stations = report["stations"]!.AsArray();
        var made = stations.Sum(each => (int)each!["devices"]!);
        Assert.Equal([100, 8, made, 0], Numbers(order, "ordered", "produced", "programmed", "active"));
        Assert.Equal([stations.Count, 8, made], Numbers(factory, "stations", "produced", "programmed"));
        Assert.Equal(3, (int)stations.Single(each => (string?)each!["station"] == "S1")!["devices"]!);
        Assert.Equal(ProgrammingParties.IdCount - made, (int)report["pool"]![0]!["waiting"]!);
    }

    private static IEnumerable<int> Numbers(JsonNode report, params string[] names) =>
        names.Select(name => (int)report[name]!);

    private async Task Alerted(string site, string reason, string station)
    {
        var alerts = (await Keywright.Succeed("site", "alerts", "--dir", site)).AsArray();
        Assert.Contains(
            alerts, alert => (string?)alert!["reason"] == reason && (string?)alert["station"] == station);
    }

    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(parties.PathTo(to));
        foreach (var file in Directory.GetFiles(parties.PathTo(from)))
        {
            File.Copy(file, Path.Combine(parties.PathTo(to), Path.GetFileName(file)));
        }
    }
}
