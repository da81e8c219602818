using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Station.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>
/// A station's own part of becoming one, and of giving a turn up: init, enrol, abandon-turn.
/// </summary>
internal static class SetUpStation
{
    public static Command Init()
    {
        var command = new Command(
            "init",
            "draws a station's keys; its public key then goes to the site\n\nExample:\n"
            + "  keywright station init --dir station")
        {
            StationFolder.Dir,
        };
        command.SetAction(parsed => Act(parsed, (station, session) =>
            station.Create(session).Refused(out var awaitsEnrolment, out var why) ? why : new JsonObject
            {
                ["public key"] = station.PublicKeyPath,
                ["enrolled"] = !awaitsEnrolment,
            }));
        return command;
    }

    public static Command Enrol()
    {
        var enrolment = SiteCommand.Existing("--enrolment", "what the site answered for this station's key");
        var programmingKey = SiteCommand.Existing(
            "--programming-key", "programming.pub of the site, brought by a way that can be trusted");
        var command = new Command(
            "enrol",
            "begins the programming journal and erases the key that the enrolment was sealed to\n\nExample:\n"
            + "  keywright station enrol --dir station --enrolment S1.enrolment "
            + "--programming-key site/programming.pub")
        {
            StationFolder.Dir, enrolment, programmingKey,
        };
        command.SetAction(parsed => Act(parsed, (station, session) =>
        {
            var message = File.ReadAllBytes(parsed.GetRequiredValue(enrolment).FullName);
            if (PublicFile.ReadKey(parsed.GetRequiredValue(programmingKey).ToString())
                    .Refused(out var key, out var why)
                || station.Enrol(session, message, key).Refused(out var enrolled, out why))
            {
                return why;
            }

            return new JsonObject
            {
                ["station"] = enrolled.Station,
                ["factory"] = enrolled.Factory,
                ["first turn"] = enrolled.Turn,
            };
        }));
        return command;
    }

    public static Command Abandon()
    {
        var command = new Command(
            "abandon-turn",
            "gives the open turn up, when its chip will never be programmed; its keys are erased"
            + "\n\nExample:\n  keywright station abandon-turn --dir station")
        {
            StationFolder.Dir,
        };
        command.SetAction(parsed => Act(parsed, (folder, session) =>
        {
            if (folder.Open(session).Refused(out var station, out var why))
            {
                return why;
            }

            using (station)
            {
                if (station.Journal.Open is null)
                {
                    return new Refusal(Reason.NoClaimOpen, "no turn is open");
                }

                var closed = station.Journal.Close(ClosedTurn.Abandoned);
                return new JsonObject
                {
                    ["turn"] = closed.Turn,
                    ["chip"] = closed.Chip.ToString(),
                    ["result"] = closed.Result,
                };
            }
        }));
        return command;
    }

    private static int Act(ParseResult parsed, Func<StationFolder, Session, Outcome<JsonNode>> act)
    {
        var session = new Session(parsed);
        var station = new StationFolder(parsed.GetRequiredValue(StationFolder.Dir));
        return act(station, session).Refused(out var report, out var why)
            ? session.Refuse(why)
            : session.Report(report);
    }
}
