using System.Collections.Concurrent;
using Keywright.Fuzz.Mutation;

namespace Keywright.Fuzz;

/// <summary>Something that must not be, with all that is needed to see it again.</summary>
public sealed record Finding(string Target, ulong Seed, long Case, string SeedName, byte[] Mutant, string What)
{
    /// <summary>The command that shows it.</summary>
    public string Reproduce => $"./keywright fuzz --target {Target} --seed {Seed} --case {Case}";
}

/// <summary>Runs cases. Case K of a target under a seed is always the same, whatever else runs.</summary>
public static class Campaign
{
    private const int FindingsPerTarget = 5;

    /// <summary>The mutant of one case, and the seed it was made of.</summary>
    public static (Seed Seed, byte[] Mutant) Make(Target target, ulong seed, long number)
    {
        var dice = Dice.For(seed, target.Name, number);
        var from = dice.Pick(target.Seeds);
        var other = dice.Pick(target.Seeds).Bytes;
        return (from, (target.Change ?? Mutator.Change)(from.Bytes, other, dice));
    }

    /// <summary>Looks at one case.</summary>
    public static (Verdict Verdict, Finding? Finding) Run(Target target, ulong seed, long number)
    {
        var (from, mutant) = Make(target, seed, number);
        var verdict = Oracle.Look(target, from, mutant);
        return (verdict, verdict.Fault is { } fault
            ? new Finding(target.Name, seed, number, from.Name, mutant, fault)
            : null);
    }

    /// <summary>
    /// Runs cases 0 … <paramref name="cases"/> − 1 of a target on several cores. Every core has targets of
    /// its own, since some of them keep a chip.
    /// </summary>
    public static Tally Run(IReadOnlyList<Target> targets, ulong seed, long cases)
    {
        var tally = new Tally(targets[0]);
        var findings = new ConcurrentBag<Finding>();
        Parallel.For(0, targets.Count, new ParallelOptions { MaxDegreeOfParallelism = targets.Count }, core =>
        {
            var own = new Tally(targets[core]);
            for (long number = core; number < cases; number += targets.Count)
            {
                var (verdict, finding) = Run(targets[core], seed, number);
                own.Add(number, verdict);
                if (finding is not null)
                {
                    findings.Add(finding);
                }

                if (findings.Count >= FindingsPerTarget)
                {
                    break;
                }
            }

            lock (tally)
            {
                tally.Add(own);
            }
        });
        tally.Findings.AddRange(findings.OrderBy(finding => finding.Case));
        return tally;
    }
}
