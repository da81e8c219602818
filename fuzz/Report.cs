using System.Globalization;

namespace Keywright.Fuzz;

/// <summary>Tells what a campaign came to.</summary>
internal static class Report
{
    private const int LongestShown = 2048;

    public static void Write(Tally tally, TimeSpan elapsed)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tally.Target.Name,-26} {tally.Cases,9} cases {tally.Cases / elapsed.TotalSeconds,8:F0}/s " +
            $"{tally.AcceptedShare,6:P1} accepted, memory {tally.MaxShareOfBound,3} %, " +
            $"slowest {tally.Slowest.Elapsed.TotalMilliseconds:F1} ms (case {tally.Slowest.Case})"));
        Console.WriteLine($"    {string.Join(", ", tally.Answers.Select(it => $"{it.Key} {it.Value}"))}");
        if (tally.NotReached.ToList() is { Count: > 0 } missed)
        {
            Console.WriteLine($"    never: {string.Join(", ", missed)}");
        }

        if (tally.BadlyAimed is { } aim)
        {
            Console.WriteLine($"    BADLY AIMED: {aim}");
        }

        foreach (var finding in tally.Findings)
        {
            var hex = Convert.ToHexStringLower(finding.Mutant);
            Console.WriteLine($"    FOUND with seed {finding.SeedName}: {finding.What}");
            Console.WriteLine($"      {(hex.Length > LongestShown ? $"{finding.Mutant.Length} bytes" : hex)}");
            Console.WriteLine($"      {finding.Reproduce}");
        }
    }
}
