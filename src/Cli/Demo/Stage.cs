using System.Text.Json.Nodes;
using Keywright.Protocol;
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

    /// <summary>Does the work for each item behind a progress bar.</summary>
    public void Each<T>(string what, IReadOnlyList<T> items, Action<T> work) =>
        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .Start(progress =>
            {
                var bar = progress.AddTask(Markup.Escape(what), maxValue: items.Count);
                foreach (var item in items)
                {
                    work(item);
                    bar.Increment(1);
                }
            });

    /// <summary>
    /// An attack and what came of it. Unless it was refused for the expected reason the demo has failed, and says so.
    /// </summary>
    public void Attack(string what, Reason expected, Refusal? outcome)
    {
        if (outcome?.Reason != expected)
        {
            throw new InvalidOperationException(
                $"'{what}' ended in {outcome?.ToString() ?? "success"}, not in {Refusal.NameOf(expected)}.");
        }

        refused.Add((what, outcome.Name));
        console.MarkupLineInterpolated($"  [red]✗[/] {what}: [bold]{outcome.Name}[/] [grey]({outcome.Detail})[/]");
    }

    /// <summary>The same for an attempt whose good outcome would carry a value.</summary>
    public void Attack<T>(string what, Reason expected, Outcome<T> outcome)
        where T : notnull =>
        Attack(what, expected, outcome.Refused(out _, out var why) ? why : null);

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
