using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.CommandLine;

namespace Keywright.Cli.Demo;

/// <summary>
/// Plays the parties: every deed is one of the commands that anybody can type, run in this process with <c>--json</c>, in the
/// folder of the demo. What a party knows is what its command reads from its own folder.
/// </summary>
internal sealed class Actors(RootCommand root, Stage stage)
{
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

    private (int Exit, JsonNode Answer) Run(string commandLine)
    {
        stage.Command(commandLine);
        var output = new StringWriter();
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = output,
            EnableDefaultExceptionHandler = false,
        };
        var exit = root.Parse(commandLine + " --json").Invoke(configuration);
        var text = output.ToString();
        return (exit, text.TrimStart() is ['{' or '[', ..]
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"'keywright {commandLine}' printed: {text}"));
    }
}
