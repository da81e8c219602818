using System.Diagnostics;
using Keywright.Protocol;

namespace Keywright.Fuzz;

/// <summary>What became of one case.</summary>
/// <param name="Answer">What the code said; empty when it threw.</param>
/// <param name="Fault">Which rule was broken; null when none.</param>
public sealed record Verdict(string Answer, string? Fault)
{
    public long AllocatedBytes { get; init; }

    public int InputBytes { get; init; }

    public TimeSpan Elapsed { get; init; }
}

/// <summary>
/// The rules that hold for every input: an answer and no exception, for a reason that the target may give; in
/// memory that the input bounds; the same answer the second time; and what is accepted is written as it was
/// read.
/// </summary>
public static class Oracle
{
    public static Verdict Look(Target target, Seed seed, byte[] mutant)
    {
        byte[] input = [];
        try
        {
            input = seed.Seal?.Invoke(mutant) ?? mutant;
            var started = Stopwatch.GetTimestamp();
            var (first, allocated) = Ask(seed.Judge, input);
            var elapsed = Stopwatch.GetElapsedTime(started);
            var (second, allocatedAgain) = Ask(seed.Judge, input);

            // What is made once and kept is made at the first call only.
            allocated = Math.Min(allocated, allocatedAgain);
            return new Verdict(first.Name, Fault(target, input, first, second, allocated))
            {
                AllocatedBytes = allocated,
                InputBytes = input.Length,
                Elapsed = elapsed,
            };
        }
        catch (Exception exception)
        {
            return new Verdict(string.Empty, $"threw {exception}") { InputBytes = input.Length };
        }
    }

    private static (Answer Answer, long Allocated) Ask(Judge judge, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var answer = judge(input);
        return (answer, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string? Fault(Target target, byte[] input, Answer first, Answer second, long allocated)
    {
        var bound = target.BaseBytes + ((long)target.BytesPerByte * input.Length);
        if (first.Refused is { } refused && !target.May.Contains(refused.Reason))
        {
            return $"refused for a reason that it does not give: {refused}";
        }

        if (first.Refused != second.Refused)
        {
            return $"said {Say(first.Refused)}, and the second time {Say(second.Refused)}";
        }

        if (allocated > bound)
        {
            return $"allocated {allocated} bytes for an input of {input.Length}, the bound is {bound}";
        }

        return first.Again is { } again && !again().AsSpan().SequenceEqual(input)
            ? "what was accepted is not written as it was read"
            : null;
    }

    private static string Say(Refusal? refusal) => refusal?.ToString() ?? "yes";
}
