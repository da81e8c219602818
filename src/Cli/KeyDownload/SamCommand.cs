using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol;

namespace Keywright.Cli.KeyDownload;

/// <summary>What the SAM's commands have in common: a folder, an opened SAM, a report or a refusal.</summary>
internal static class SamCommand
{
    public static readonly Option<uint> Ref1 = new("--ref1")
    {
        Description = "REF1, which names the application key in the SAM",
        Required = true,
    };

    public static Command Create(
        string name,
        string description,
        IEnumerable<Option> options,
        Func<Sam, ParseResult, Session, Outcome<JsonNode>> act,
        Func<JsonNode, int>? exit = null)
    {
        var command = Bare(name, description, options);
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            if (SamFolder.Open(parsed.GetValue(SamFolder.Dir)!, session).Refused(out var sam, out var why))
            {
                return session.Refuse(why);
            }

            using (sam)
            {
                if (act(sam, parsed, session).Refused(out var report, out why))
                {
                    return session.Refuse(why);
                }

                var done = session.Report(report);
                return exit is null ? done : exit(report);
            }
        });
        return command;
    }

    public static Command Bare(string name, string description, IEnumerable<Option> options)
    {
        var command = new Command(name, description);
        command.Options.Add(SamFolder.Dir);
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        return command;
    }
}
