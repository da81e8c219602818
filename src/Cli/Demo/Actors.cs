using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Protocol;

namespace Keywright.Cli.Demo;

/// <summary>
/// Plays the parties: every deed is one of the commands that anybody can type, run in this process with <c>--json</c>, in the
/// folder of the demo, and written down there in commands.txt. What a party knows is what its command reads from its own folder.
/// </summary>
internal sealed class Actors(RootCommand root, Stage stage, TextWriter progress)
{
    private const string Script = "commands.txt";

    /// <summary>Runs a command that must succeed; gives its report.</summary>
    public JsonNode Do(string commandLine)
    {
        var (exit, answer) = Run(commandLine);
        return exit == Host.Done
            ? answer
            : throw new InvalidOperationException($"'keywright {commandLine}' ended with {exit}: {answer.ToJsonString()}");
    }

    /// <summary>Runs a command that must be refused for this reason, and shows it as an attack.</summary>
    public void Attack(string what, string reason, string commandLine)
    {
        var (_, answer) = Run(commandLine);
        stage.Attack(what, reason, answer);
    }

    /// <summary>
    /// Asks the site something that it refuses in one way to everybody (unknown-id); the reason it really had stands in its log.
    /// </summary>
    public void AttackSite(string what, string reason, string commandLine)
    {
        var (_, answer) = Run(commandLine);
        if (answer["refused"]?.ToString() != Refusal.NameOf(Reason.UnknownId))
        {
            throw new InvalidOperationException($"'{what}' was told {answer.ToJsonString()}");
        }

        var alert = Do("site alerts --dir site --count 1")[0]!;
        stage.Attack(what, reason, new JsonObject
        {
            ["refused"] = alert["reason"]?.ToString(),
            ["what"] = alert["detail"]?.ToString(),
        });
    }

    private (int Exit, JsonNode Answer) Run(string commandLine)
    {
        stage.Command(commandLine);
        File.AppendAllText(Script, $"keywright {commandLine}\n");
        var output = new StringWriter();
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = progress,
            EnableDefaultExceptionHandler = false,
        };
        var exit = root.Parse(commandLine + " --json").Invoke(configuration);
        var text = output.ToString();
        return (exit, text.TrimStart() is ['{' or '[', ..]
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"'keywright {commandLine}' printed: {text}"));
    }
}
