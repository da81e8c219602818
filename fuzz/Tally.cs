using Keywright.Protocol;

namespace Keywright.Fuzz;

/// <summary>What the cases of one target came to.</summary>
public sealed class Tally(Target target)
{
    // Fewer cases than this say nothing about where a target is aimed.
    private const int EnoughCases = 1000;

    public Target Target => target;

    public long Cases { get; private set; }

    /// <summary>How often each answer was given.</summary>
    public SortedDictionary<string, long> Answers { get; } = new(StringComparer.Ordinal);

    public List<Finding> Findings { get; } = [];

    public long MaxAllocatedBytes { get; private set; }

    /// <summary>The largest share of the allocation bound that a case came to, in percent.</summary>
    public int MaxShareOfBound { get; private set; }

    public (TimeSpan Elapsed, long Case) Slowest { get; private set; }

    public double AcceptedShare => Cases == 0 ? 0 : (double)Answers.GetValueOrDefault("accepted") / Cases;

    /// <summary>Reasons that the target may give and that no case got.</summary>
    public IEnumerable<string> NotReached =>
        target.May.Select(Refusal.NameOf).Where(name => !Answers.ContainsKey(name));

    /// <summary>
    /// Null when the cases reach both sides of the judgement: acceptances, and more than one reason where
    /// there is more than one.
    /// </summary>
    public string? BadlyAimed =>
        Cases < EnoughCases ? null :
        !Answers.ContainsKey("accepted") ? "nothing was accepted" :
        target.May.Count(reason => Answers.ContainsKey(Refusal.NameOf(reason))) < Math.Min(2, target.May.Count)
            ? "one reason only" :
        null;

    public void Add(long number, Verdict verdict)
    {
        Cases++;
        if (verdict.Answer.Length > 0)
        {
            Answers[verdict.Answer] = Answers.GetValueOrDefault(verdict.Answer) + 1;
        }

        MaxAllocatedBytes = Math.Max(MaxAllocatedBytes, verdict.AllocatedBytes);
        var bound = target.BaseBytes + ((long)target.BytesPerByte * verdict.InputBytes);
        MaxShareOfBound = Math.Max(MaxShareOfBound, (int)(100 * verdict.AllocatedBytes / bound));
        if (verdict.Elapsed > Slowest.Elapsed)
        {
            Slowest = (verdict.Elapsed, number);
        }
    }

    public void Add(Tally other)
    {
        Cases += other.Cases;
        foreach (var (answer, count) in other.Answers)
        {
            Answers[answer] = Answers.GetValueOrDefault(answer) + count;
        }

        MaxAllocatedBytes = Math.Max(MaxAllocatedBytes, other.MaxAllocatedBytes);
        MaxShareOfBound = Math.Max(MaxShareOfBound, other.MaxShareOfBound);
        Slowest = other.Slowest.Elapsed > Slowest.Elapsed ? other.Slowest : Slowest;
    }
}
