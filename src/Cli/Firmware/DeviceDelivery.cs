using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>The device's side of deliveries, over soft chips in folders.</summary>
internal static class DeviceDelivery
{
    private static readonly Option<DirectoryInfo?> Chip = new("--chip") { Description = "a soft chip's folder" };

    private static readonly Option<DirectoryInfo?> Chips = new("--chips")
    {
        Description = "a folder of soft chips: all of them",
    };

    public static Command Claim()
    {
        var manifest = OptionRules.DigestOption("--manifest", "the one module that is wanted, by its digest");
        var output = SiteCommand.Required<FileInfo>("--out", "the claim");
        return OfOneChip(
            "claim",
            "asks for the newest software; until it is answered, the same claim comes out\n\nExample:\n"
            + "  keywright device claim --chip chips/001 --out 001.claim",
            [manifest, output],
            (chip, parsed) =>
            {
                var host = new MemoryHost();
                if (parsed.GetValue(manifest) is { } wanted)
                {
                    host.With("manifest", Convert.FromHexString(wanted));
                }

                if (chip.Execute("claim", host) is { } why)
                {
                    return why;
                }

                var claim = host.Emitted("claim");
                PublicFile.Write(parsed.GetRequiredValue(output).ToString(), claim);
                return new JsonObject { ["claim"] = Digest.Of(claim).ToString(), ["bytes"] = claim.Length };
            });
    }

    public static Command Install()
    {
        var grant = SiteCommand.Existing("--grant", "the site's answer; module and sealed bodies lie beside it");
        var output = SiteCommand.Required<FileInfo>("--out", "the Done");
        return OfOneChip(
            "install",
            "takes the answer to the open claim: installs what was granted, or closes what was refused\n\nExample:\n"
            + "  keywright device install --chip chips/001 --grant 001.answer --out 001.done",
            [grant, output],
            (chip, parsed) =>
            {
                var file = parsed.GetRequiredValue(grant);
                var answer = File.ReadAllBytes(file.FullName);
                var done = TakeAnswer(chip, answer, ReadBeside(file, ".module"), ReadBeside(file, ".bodies"));
                if (done.Refused(out var bytes, out var why))
                {
                    return why;
                }

                PublicFile.Write(parsed.GetRequiredValue(output).ToString(), bytes);
                return new JsonObject { ["done"] = Digest.Of(bytes).ToString(), ["software"] = SoftwareOf(chip) };
            });
    }

    public static Command InstallModule()
    {
        var module = SiteCommand.Existing("--module", "the module; its programs lie beside it as .bodies");
        return OfOneChip(
            "install-module",
            "installs a module that is at hand, if its owner has a right on this device\n\nExample:\n"
            + "  keywright device install-module --chip chips/001 --module radio-1.module",
            [module],
            (chip, parsed) =>
            {
                var file = parsed.GetRequiredValue(module);
                var host = new MemoryHost()
                    .With("module", File.ReadAllBytes(file.FullName))
                    .With("bodies", File.ReadAllBytes(OwnerModule.BodiesOf(file)));
                return chip.Execute("install-module", host) is { } why
                    ? why
                    : new JsonObject { ["software"] = SoftwareOf(chip) };
            });
    }

    public static Command BootOk() => OfOneChip(
        "boot-ok",
        "says that the programs on a device run well: from now on it takes none older\n\nExample:\n"
        + "  keywright device boot-ok --chip chips/001",
        [],
        (chip, _) => chip.Execute("boot-ok", new MemoryHost()) is { } why
            ? why
            : new JsonObject { ["software"] = SoftwareOf(chip) });

    public static Command Software() => OfOneChip(
        "software",
        "lists the programs on a device\n\nExample:\n  keywright device software --chip chips/001",
        [],
        (chip, _) => new JsonObject { ["software"] = SoftwareOf(chip) });

    public static Command Update()
    {
        var site = SiteCommand.Required<DirectoryInfo>("--site", "the site's folder, on this machine");
        var command = new Command(
            "update",
            "takes devices through a whole delivery: claim, grant, bodies, install, done\n\nExample:\n"
            + "  keywright device update --chips chips --site site")
        {
            Chip, Chips, site,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var folders = Folders(parsed);
            using var place = SiteFolder.Open(parsed.GetRequiredValue(site));
            if (place.OpenKeys(session).Refused(out var keys, out var why))
            {
                return session.Refuse(why);
            }

            using (keys)
            {
                var desk = new DeliveryDesk(place, keys, session);
                var lines = WorkBar.Run(session, "updating", folders.Count, step => folders.Select(folder =>
                {
                    var line = UpdateOne(folder, desk, session);
                    step();
                    return (Folder: folder, Refusal: line);
                }).ToList());
                return Report(session, lines);
            }
        });
        return command;
    }

    /// <summary>One installed program, as reports show it.</summary>
    public static JsonNode Line(Installed program) => new JsonObject
    {
        ["program"] = program.Program,
        ["version"] = program.Version,
        ["sequence"] = program.Sequence,
        ["owner"] = program.Owner.ToString()[..16],
    };

    private static int Report(Session session, List<(string Folder, Refusal? Refusal)> lines)
    {
        if (lines is [(_, { } only)])
        {
            return session.Refuse(only);
        }

        session.Report(new JsonObject
        {
            ["updated"] = lines.Count(line => line.Refusal is null),
            ["refused"] = lines.Count(line => line.Refusal is not null),
            ["refusals"] = new JsonArray([.. lines.Where(line => line.Refusal is not null).Select(line => (JsonNode)new JsonObject
            {
                ["chip"] = line.Folder,
                ["reason"] = line.Refusal!.Name,
                ["what"] = line.Refusal.Detail,
            })]),
        });
        return lines.All(line => line.Refusal is null) ? Host.Done : Host.Refused;
    }

    private static Refusal? UpdateOne(string folder, DeliveryDesk desk, Session session)
    {
        using var chip = ChipFolder.Open(folder, session.Entropy);
        var host = new MemoryHost();
        if (chip.Execute("claim", host) is { } unable)
        {
            return unable;
        }

        if (desk.Answer(host.Emitted("claim")).Refused(out var answer, out var why))
        {
            return why;
        }

        if (!Message.Parse<DeliveryRefusal>(answer).Refused(out var no, out _))
        {
            return chip.Execute("refused", new MemoryHost().With("refusal", answer))
                ?? new Refusal(no.Claimed.Condition.Reason(), "the site's answer, which closed the claim");
        }

        if (desk.Bodies(Digest.Of(answer.Span)).Refused(out var bodies, out why))
        {
            return why;
        }

        using (bodies)
        {
            var all = new byte[bodies.Size];
            bodies.Read(0, all);
            return TakeAnswer(chip, answer, bodies.Manifest, all).Refused(out var done, out why)
                || desk.Close(done).Refused(out _, out why)
                || chip.Execute("boot-ok", new MemoryHost()) is { } notWell && (why = notWell) is not null
                ? why
                : null;
        }
    }

    private static Outcome<byte[]> TakeAnswer(
        ChipFolder chip, ReadOnlyMemory<byte> answer, ReadOnlyMemory<byte> module, ReadOnlyMemory<byte> bodies)
    {
        if (!Message.Parse<DeliveryRefusal>(answer).Refused(out var no, out _))
        {
            return chip.Execute("refused", new MemoryHost().With("refusal", answer))
                ?? new Refusal(no.Claimed.Condition.Reason(), "the site's answer, which closed the claim");
        }

        var host = new MemoryHost().With("grant", answer).With("module", module).With("bodies", bodies);
        return chip.Execute("install", host) is { } why ? why : host.Emitted("done");
    }

    private static JsonArray SoftwareOf(ChipFolder chip)
    {
        var host = new MemoryHost();
        if (chip.Execute("software", host) is { } why)
        {
            return [why.ToString()];
        }

        var reader = new CborReader(host.Emitted("software"));
        return [.. Installed.ReadAll(ref reader).Select(Line)];
    }

    private static byte[] ReadBeside(FileInfo file, string suffix) =>
        File.Exists(file + suffix) ? File.ReadAllBytes(file + suffix) : [];

    private static IReadOnlyList<string> Folders(ParseResult parsed) =>
        parsed.GetValue(Chips) is { } all ? ChipFolder.Below(all)
        : parsed.GetValue(Chip) is { } one ? [one.ToString()]
        : throw new IOException("give --chip or --chips");

    private static Command OfOneChip(
        string name, string description, IEnumerable<Option> options, Func<ChipFolder, ParseResult, Outcome<JsonNode>> act)
    {
        var chip = SiteCommand.Required<DirectoryInfo>("--chip", "a soft chip's folder");
        var command = new Command(name, description) { chip };
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            using var opened = ChipFolder.Open(parsed.GetRequiredValue(chip).ToString(), session.Entropy);
            return act(opened, parsed).Refused(out var report, out var why)
                ? session.Refuse(why)
                : session.Report(report);
        });
        return command;
    }
}
