using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Owner.Diagnostics;
using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Diagnostics;

namespace Keywright.Cli.Diagnostics;

/// <summary><c>keywright owner open-dump</c>: what is sealed to this owner, for its analysis tools.</summary>
internal static class OwnerOpenDump
{
    private static readonly Option<FileInfo> Dump = new("--dump")
    {
        Description = "the sealed dump",
        Required = true,
    };

    private static readonly Option<string> Chip = new("--chip-id")
    {
        Description = "the chip whose dump it must be",
        Required = true,
    };

    private static readonly Option<FileInfo> Identity = new("--identity")
    {
        Description = "that chip's public identity key, 65 bytes, as its certificate has it",
        Required = true,
    };

    private static readonly Option<string?> Device = new("--device")
    {
        Description = "the device identity that its certificate has",
    };

    private static readonly Option<DirectoryInfo?> Out = new("--out")
    {
        Description = "folder for what was opened, in clear (else the owner's folder, dumps)",
    };

    public static Command Create()
    {
        var command = new Command(
            "open-dump",
            "opens what is sealed to this owner in a dump; exit code 1 also when the dump is unfinished"
            + "\n\nExample:\n  keywright owner open-dump --dir owner-a --dump app.dump --chip-id 01… "
            + "--identity chip.pub")
        {
            DiagnosticsKeys.Folder, Dump, Chip, Identity, Device, Out,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        if (Expected(parsed).Refused(out var chip, out var why))
        {
            return session.Refuse(why);
        }

        var own = parsed.GetRequiredValue(DiagnosticsKeys.Folder);
        if (DiagnosticsKeys.Open(session, own).Refused(out var keys, out why))
        {
            return session.Refuse(why);
        }

        var folder = parsed.GetValue(Out)?.FullName ?? Path.Combine(own.FullName, "dumps");
        using var dump = parsed.GetRequiredValue(Dump).OpenRead();
        var outcome = OpenDump.Run(dump, keys, chip, folder, own.FullName, session.Clock.GetUtcNow());
        foreach (var key in keys)
        {
            key.Dispose();
        }

        if (outcome.Refused(out var report, out why))
        {
            return session.Refuse(why);
        }

        session.Report(Describe(report));
        return report.IsWhole ? Host.Done : Host.Refused;
    }

    private static Outcome<DumpingChip> Expected(ParseResult parsed)
    {
        if (ChipId.Parse(parsed.GetRequiredValue(Chip)).Refused(out var id, out var why))
        {
            return why;
        }

        var point = File.ReadAllBytes(parsed.GetRequiredValue(Identity).FullName);
        if (PublicKey.Parse(point).Refused(out var identity, out why))
        {
            return why;
        }

        if (parsed.GetValue(Device) is not { } name)
        {
            return new DumpingChip(id, identity);
        }

        return DeviceId.Parse(name).Refused(out var device, out why)
            ? why
            : new DumpingChip(id, identity, device);
    }

    private static JsonObject Describe(DumpReport report)
    {
        var place = report.Dump.Place;
        var node = new JsonObject
        {
            ["whole"] = report.IsWhole,
            ["state"] = report.IsWhole
                ? "whole, signed by the chip"
                : "unfinished: not all of it, and nobody's word for it",
            ["chip"] = place.Chip.ToString(),
            ["boot"] = place.Boot,
            ["number"] = place.Number,
        };
        if (report.Dump.Signed is { } end)
        {
            node["device"] = end.Content.Device.ToString();
            node["trigger"] = end.Content.Trigger.ToString();
            node["time"] = end.Content.TimeSeconds is { } seconds
                ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("u", null)
                : "the device has no clock";
            node["seen"] = Describe(report.Sighting!);
        }

        var stated = report.Dump.Signed?.Content.Segments;
        node["segments"] = new JsonArray(
            [.. report.Files.Select(file => Describe(file, stated?[file.Segment]))]);
        return node;
    }

    private static string Describe(Sighting sighting) => sighting.Kind switch
    {
        SightingKind.First => "for the first time",
        SightingKind.Again => $"again: this very dump was opened at {sighting.Since:u}",
        _ => $"ALARM: another dump of this place was opened at {sighting.Since:u}: two chips, one identity",
    };

    private static JsonObject Describe(SegmentFile file, DumpSegment? stated) => new()
    {
        ["program"] = stated is null ? "" : Shown(stated.Program.Name),
        ["version"] = stated is null ? "" : Shown(stated.Program.Version),
        ["build"] = stated is null ? "" : Convert.ToHexStringLower(stated.Program.BuildId.Span),
        ["size"] = file.Size,
        ["file"] = file.Path,
    };

    // What a chip signs is still not to drive a terminal.
    private static string Shown(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
