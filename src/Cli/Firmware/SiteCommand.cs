using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Protocol;

namespace Keywright.Cli.Firmware;

/// <summary>What the site's commands have in common: an opened folder, a report or a refusal.</summary>
internal static class SiteCommand
{
    /// <summary>A command over the site's records.</summary>
    public static Command Create(
        string name,
        string description,
        IEnumerable<Symbol> inputs,
        Func<SiteFolder, ParseResult, Session, Outcome<JsonNode>> act)
    {
        var command = new Command(name, description) { SiteFolder.Dir };
        foreach (var input in inputs)
        {
            Add(command, input);
        }

        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            using var site = SiteFolder.Open(parsed.GetRequiredValue(SiteFolder.Dir));
            return act(site, parsed, session).Refused(out var report, out var why)
                ? session.Refuse(why)
                : session.Report(report);
        });
        return command;
    }

    /// <summary>A command that also needs the site's keys.</summary>
    public static Command WithKeys(
        string name,
        string description,
        IEnumerable<Symbol> inputs,
        Func<SiteFolder, SiteKeys, ParseResult, Session, Outcome<JsonNode>> act) =>
        Create(name, description, inputs, (site, parsed, session) =>
        {
            if (site.OpenKeys(session).Refused(out var keys, out var why))
            {
                return why;
            }

            using (keys)
            {
                return act(site, keys, parsed, session);
            }
        });

    /// <summary>A required option.</summary>
    public static Option<T> Required<T>(string name, string description) =>
        new(name) { Description = description, Required = true };

    /// <summary>A required file that must be there.</summary>
    public static Option<FileInfo> Existing(string name, string description) =>
        Required<FileInfo>(name, description).AcceptExistingOnly();

    /// <summary>A point in time, as reports show it.</summary>
    public static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'");

    private static void Add(Command command, Symbol input)
    {
        if (input is Argument argument)
        {
            command.Arguments.Add(argument);
        }
        else
        {
            command.Options.Add((Option)input);
        }
    }
}
