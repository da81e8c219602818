using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Keywright.Fuzz.Targets;

namespace Keywright.Fuzz;

/// <summary>The command line: a campaign, or one case of it again.</summary>
internal static class FuzzCommand
{
    private const int FoundSomething = 1;
    private const int NotUnderstood = 2;

    public static RootCommand Make()
    {
        var seed = Option("--seed", "Decides every case.", 1UL);
        var cases = Option("--cases", "Cases over all targets.", 100_000L);
        var target = Option("--target", "Only these; a name, or what several names begin with.", Array.Empty<string>());
        var cores = Option("--cores", "How many to use.", 1);
        var single = Option<long?>("--case", "Look at one case of one target again.", null);
        var keep = Option<string?>("--keep", "With --case: keep it in the corpus under this name.", null);
        var what = Option("--what", "With --keep: what was wrong.", string.Empty);
        var list = Option("--list", "Name the targets.", false);
        var forReaders = Option("--for-readers", "Write changed vectors with verdicts: see readers/compare.", false);
        var command = new RootCommand(
            "Attacks every reader and opener with changed inputs. Example: keywright fuzz --seed 7 --cases 1000000")
        { seed, cases, target, cores, single, keep, what, list, forReaders };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(forReaders))
            {
                return WriteLines(parsed.GetValue(seed), parsed.GetValue(cases));
            }

            var chosen = parsed.GetValue(target) ?? [];
            var core = Enumerable.Range(0, Math.Max(1, parsed.GetValue(cores)))
                .Select(_ => Chosen(AllTargets.Make(), chosen))
                .ToList();
            if (core[0].Count == 0)
            {
                Console.Error.WriteLine("fuzz: there is no such target; --list names them");
                return NotUnderstood;
            }

            if (parsed.GetValue(list))
            {
                core[0].ForEach(it => Console.WriteLine(it.Name));
                return 0;
            }

            return parsed.GetValue(single) is { } number
                ? Again(core[0], parsed.GetValue(seed), number, parsed.GetValue(keep), parsed.GetValue(what)!)
                : RunAll(core, parsed.GetValue(seed), parsed.GetValue(cases));
        });
        return command;
    }

    private static Option<T> Option<T>(string name, string description, T otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };

    /// <summary>The whole name of one target stands for that one alone.</summary>
    private static List<Target> Chosen(IReadOnlyList<Target> targets, string[] names) =>
    [
        .. targets.Where(target => names.Length == 0 || names.Any(name => targets.Any(it => it.Name == name)
            ? target.Name == name
            : target.Name.StartsWith(name, StringComparison.Ordinal))),
    ];

    private static int WriteLines(ulong seed, long cases)
    {
        foreach (var line in ForReaders.Lines(seed, cases))
        {
            Console.WriteLine(line.ToJsonString());
        }

        return 0;
    }

    private static int RunAll(List<List<Target>> cores, ulong seed, long cases)
    {
        var share = cores[0].Sum(target => 1.0 / target.CostFactor);
        var started = Stopwatch.GetTimestamp();
        var tallies = new List<Tally>();
        for (var i = 0; i < cores[0].Count; i++)
        {
            var mine = (long)Math.Ceiling(cases / share / cores[0][i].CostFactor);
            var begun = Stopwatch.GetTimestamp();
            var tally = Campaign.Run([.. cores.Select(core => core[i])], seed, mine);
            Report.Write(tally, Stopwatch.GetElapsedTime(begun));
            tallies.Add(tally);
        }

        var total = tallies.Sum(tally => tally.Cases);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var findings = tallies.Sum(tally => tally.Findings.Count);
        var aimed = tallies.Count(tally => tally.BadlyAimed is not null);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {total} cases of {tallies.Count} targets in {seconds:F0} s ({total / seconds:F0}/s), " +
            $"{findings} findings, {aimed} badly aimed"));
        return findings + aimed == 0 ? 0 : FoundSomething;
    }

    private static int Again(List<Target> targets, ulong seed, long number, string? keep, string what)
    {
        if (targets is not [var target])
        {
            Console.Error.WriteLine("fuzz: --case needs one --target");
            return NotUnderstood;
        }

        var (verdict, finding) = Campaign.Run(target, seed, number);
        var (from, mutant) = Campaign.Make(target, seed, number);
        Console.WriteLine($"seed {from.Name}\nmutant {Convert.ToHexStringLower(mutant)}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict.InputBytes} bytes judged in {verdict.Elapsed.TotalMilliseconds:F1} ms, {verdict.AllocatedBytes} allocated"));
        Console.WriteLine(finding?.What ?? verdict.Answer);
        if (keep is not null && finding is null)
        {
            new Corpus(target.Name, keep, from.Name, mutant, verdict.Answer).Keep(what);
        }

        return finding is null ? 0 : FoundSomething;
    }
}
