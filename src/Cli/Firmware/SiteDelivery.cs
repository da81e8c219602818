using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>The site's side of deliveries.</summary>
internal static class SiteDelivery
{
    private static readonly SortedDictionary<string, DeliveryConditions> Conditions = new(StringComparer.Ordinal)
    {
        ["contract"] = DeliveryConditions.Contract,
        ["enabled"] = DeliveryConditions.Enabled,
        ["once"] = DeliveryConditions.Once,
        ["predecessors"] = DeliveryConditions.Predecessors,
        ["version-order"] = DeliveryConditions.VersionOrder,
    };

    public static Command AddSoftware()
    {
        var module = SiteCommand.Existing("--module", "the module; its programs lie beside it as .bodies");
        var key = SiteCommand.Existing("--owner-key", "the owner's public module key, 65 bytes");
        return SiteCommand.Create(
            "add-software",
            "takes a signed module and its programs into the archive\n\nExample:\n"
            + "  keywright site add-software --dir site --module pump-2.module --owner-key oem/module.pub",
            [module, key],
            (site, parsed, session) =>
            {
                var file = parsed.GetRequiredValue(module);
                if (PublicFile.ReadKey(parsed.GetRequiredValue(key).ToString()).Refused(out var owner, out var why)
                    || Message.Parse<Module>(File.ReadAllBytes(file.FullName)).Refused(out var claimed, out why))
                {
                    return why;
                }

                using var bodies = File.OpenRead(OwnerModule.BodiesOf(file));
                return new AddSoftware(new SqliteSoftware(site.Database), session.Clock)
                    .Add(File.ReadAllBytes(file.FullName), owner, Sections(bodies, claimed.Claimed)).Refused(out var software, out why)
                    ? why
                    : new JsonObject
                    {
                        ["manifest"] = software.Manifest.ToString(),
                        ["product"] = software.Module.Product,
                        ["sequence"] = software.Module.Sequence,
                        ["bytes"] = software.Module.Size,
                    };
            });
    }

    public static Command SetTerms()
    {
        var product = new Option<string?>("--product") { Description = "the product whose conditions are set" };
        var conditions = new Option<string[]>("--require")
        {
            Description = $"every condition that a delivery of the product must meet: {string.Join(", ", Conditions.Keys)}",
            AllowMultipleArgumentsPerToken = true,
        }.AcceptOnlyFromAmong([.. Conditions.Keys]);
        var enable = OptionRules.DigestOption("--enable", "manifest of software to enable");
        var device = new Option<string?>("--device") { Description = "the one device that it is about" };
        var cover = new Option<DateTimeOffset?>("--covered-until")
        {
            Description = "when the device's contract or warranty ends",
        };
        var command = SiteCommand.Create(
            "set-terms",
            "lays down who gets what: conditions of a product, software enabled, contracts\n\nExample:\n"
            + "  keywright site set-terms --dir site --product pump --require once version-order",
            [product, conditions, enable, device, cover],
            (site, parsed, session) =>
            {
                var terms = new SqliteDeliveryTerms(site.Database);
                ChipId? chip = null;
                if (parsed.GetValue(device) is { } id)
                {
                    if (new LookUpDevice(site.Devices).Find(id).Refused(out var record, out var why))
                    {
                        return why;
                    }

                    chip = record.Chip;
                }

                if (parsed.GetValue(product) is { } name && parsed.GetValue(conditions) is { Length: > 0 } required)
                {
                    terms.SetConditions(name, required.Aggregate(DeliveryConditions.None, (all, one) => all | Conditions[one]));
                }

                if (parsed.GetValue(enable) is { } manifest)
                {
                    terms.Enable(new Digest(Convert.FromHexString(manifest)), chip, session.Clock.GetUtcNow());
                }

                if (parsed.GetValue(cover) is { } until && chip is { } covered)
                {
                    terms.Cover(covered, until);
                }

                return new JsonObject
                {
                    ["product"] = parsed.GetValue(product),
                    ["conditions"] = parsed.GetValue(product) is { } asked ? terms.ConditionsOf(asked).ToString() : null,
                    ["enabled"] = parsed.GetValue(enable),
                    ["device"] = parsed.GetValue(device),
                    ["covered until"] = SiteCommand.Time(parsed.GetValue(cover)),
                };
            });
        command.Needs(conditions, product);
        command.Needs(cover, device);
        command.NeedsOneOf(conditions, enable, cover);
        return command;
    }

    public static Command AnswerClaim()
    {
        var claim = SiteCommand.Existing("--claim", "a device's claim");
        var output = SiteCommand.Required<FileInfo>("--out", "the answer; module and sealed bodies of a grant beside it");
        return SiteCommand.WithKeys(
            "answer-claim",
            "grants or refuses what a claim asks for; the same claim gets the same answer\n\nExample:\n"
            + "  keywright site answer-claim --dir site --claim 001.claim --out 001.answer",
            [claim, output],
            (site, keys, parsed, session) =>
            {
                var desk = new DeliveryDesk(site, keys, session);
                var file = parsed.GetRequiredValue(output);
                if (desk.Answer(File.ReadAllBytes(parsed.GetRequiredValue(claim).FullName))
                    .Refused(out var answer, out var why))
                {
                    return why;
                }

                PublicFile.Write(file.ToString(), answer.Span);
                if (Message.Parse<DeliveryRefusal>(answer) is var no && !no.Refused(out var refusal, out _))
                {
                    return new JsonObject
                    {
                        ["answer"] = "refusal",
                        ["number"] = refusal.Claimed.Number,
                        ["reason"] = Refusal.NameOf(refusal.Claimed.Condition.Reason()),
                    };
                }

                if (desk.Bodies(Digest.Of(answer.Span)).Refused(out var bodies, out why))
                {
                    return why;
                }

                using (bodies)
                {
                    PublicFile.Write($"{file}.module", bodies.Manifest.Span);
                    using var stream = File.Create($"{file}.bodies");
                    WriteAll(bodies, stream);
                    return new JsonObject
                    {
                        ["answer"] = "grant",
                        ["manifest"] = Digest.Of(bodies.Manifest.Span).ToString(),
                        ["bytes"] = bodies.Size,
                    };
                }
            });
    }

    public static Command TakeDone()
    {
        var done = SiteCommand.Existing("--done", "a device's Done");
        return SiteCommand.WithKeys(
            "take-done",
            "closes a delivery by the device's word; one that rides in the next claim is taken with it\n\nExample:\n"
            + "  keywright site take-done --dir site --done 001.done",
            [done],
            (site, keys, parsed, session) =>
                new DeliveryDesk(site, keys, session).Close(File.ReadAllBytes(parsed.GetRequiredValue(done).FullName))
                    .Refused(out var result, out var why)
                    ? why
                    : new JsonObject { ["result"] = result.ToString().ToLowerInvariant() });
    }

    public static Command Deliveries()
    {
        var device = new Argument<string>("device") { Description = "a device ID or chip ID" };
        return SiteCommand.Create(
            "deliveries",
            "says what a device was granted, what is on it, and what did not fit its history\n\nExample:\n"
            + "  keywright site deliveries PUMP-0001 --dir site",
            [device],
            (site, parsed, _) =>
            {
                if (new LookUpDevice(site.Devices).Find(parsed.GetRequiredValue(device)).Refused(out var record, out var why))
                {
                    return why;
                }

                var tracking = new SqliteTracking(site.Database);
                return new JsonObject
                {
                    ["device"] = record.Devices[0].ToString(),
                    ["forks"] = tracking.ForksOf(record.Chip).Count,
                    ["software"] = new JsonArray([.. tracking.SoftwareOn(record.Chip).Select(DeviceDelivery.Line)]),
                    ["deliveries"] = new JsonArray([.. tracking.DeliveriesOf(record.Chip).Select(line => (JsonNode)new JsonObject
                    {
                        ["number"] = line.Number,
                        ["state"] = line.State.ToString().ToLowerInvariant(),
                        ["manifest"] = line.Manifest?.ToString(),
                        ["answered"] = SiteCommand.Time(line.Answered),
                        ["closed"] = SiteCommand.Time(line.Closed),
                    })]),
                };
            });
    }

    private static void WriteAll(SealedBodies bodies, Stream stream)
    {
        var buffer = new byte[64 * 1024];
        for (var offset = 0L; offset < bodies.Size;)
        {
            var count = bodies.Read(offset, buffer);
            stream.Write(buffer, 0, count);
            offset += count;
        }
    }

    // Where a manifest that nobody has verified yet says its programs lie: nothing is read or allocated here.
    private static List<Stream> Sections(FileStream bodies, Module module)
    {
        var sections = new List<Stream>();
        var start = 0L;
        foreach (var program in module.Programs)
        {
            sections.Add(new FileSection(bodies, start, program.Size));
            start += program.Size;
        }

        return sections;
    }
}
