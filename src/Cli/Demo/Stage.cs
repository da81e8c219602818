using System.Text.Json.Nodes;
using Spectre.Console;

namespace Keywright.Cli.Demo;

/// <summary>What the audience sees: acts, facts, work with a progress bar, and attacks with the name of their refusal.</summary>
internal sealed class Stage(TimeProvider clock, IAnsiConsole console)
{
    private readonly List<(string Attack, string Name)> refused = [];
    private readonly List<(string Act, double Seconds)> acts = [];
    private readonly long began = clock.GetTimestamp();
    private long actBegan;

    /// <summary>Opens an act: who seals, who carries, who opens.</summary>
    public void Act(string title, string seals, string carries, string opens)
    {
        CloseAct();
        actBegan = clock.GetTimestamp();
        acts.Add((title, 0));
        console.WriteLine();
        console.Write(new Rule(Markup.Escape(title)).LeftJustified());
        console.MarkupLineInterpolated($"[grey]sealed by {seals} · carried by {carries} · opened by {opens}[/]");
    }

    /// <summary>One thing that was done, in one line.</summary>
    public void Say(string line) => console.MarkupLineInterpolated($"  [green]✓[/] {line}");

    /// <summary>The deed that is about to happen: who does what. All of the line stands in the demo's folder.</summary>
    public void Command(string commandLine) =>
        console.MarkupLineInterpolated($"  [grey]$ keywright {string.Join(' ', commandLine.Split(' ').Take(2))} …[/]");

    /// <summary>
    /// An attack and what came of it. Unless it was refused for the expected reason the demo has failed, and says so.
    /// </summary>
    public void Attack(string what, string expected, JsonNode answer)
    {
        if (answer is not JsonObject refusal || refusal["refused"]?.ToString() != expected)
        {
            throw new InvalidOperationException($"'{what}' ended in {answer.ToJsonString()}, not in {expected}.");
        }

        refused.Add((what, expected));
        console.MarkupLineInterpolated($"  [red]✗[/] {what}: [bold]{expected}[/] [grey]({refusal["what"]})[/]");
    }

    /// <summary>The last curtain: what was refused, and how long it took.</summary>
    public JsonObject Summary()
    {
        CloseAct();
        return new JsonObject
        {
            ["seconds"] = Math.Round(clock.GetElapsedTime(began).TotalSeconds, 1),
            ["attacks refused"] = refused.Count,
            ["acts"] = new JsonArray([.. acts.Select(act => new JsonObject
            {
                ["act"] = act.Act,
                ["seconds"] = Math.Round(act.Seconds, 1),
            })]),
            ["refusals"] = new JsonArray([.. refused.Select(attack => new JsonObject
            {
                ["attack"] = attack.Attack,
                ["refused as"] = attack.Name,
            })]),
        };
    }

    private void CloseAct()
    {
        if (acts.Count > 0)
        {
            acts[^1] = (acts[^1].Act, clock.GetElapsedTime(actBegan).TotalSeconds);
        }
    }
}
