using System.Globalization;

namespace Keywright.Bench;

/// <summary>One thing that is measured.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Unit">What the rate counts: bytes or operations.</param>
/// <param name="PerCall">How many of them one call does.</param>
/// <param name="Call">Does it once.</param>
/// <param name="Bare">The platform's primitives that a call uses, alone: what it allocates is not ours.</param>
internal sealed record Row(string Name, Unit Unit, long PerCall, Action Call, Action? Bare)
{
    private const double SecondsPerRound = 0.5;
    private const double SecondsToWarmUp = 1.5;
    private const int CallsToWeigh = 200;

    /// <summary>How many calls are made between two looks at the clock; few where one takes long.</summary>
    public int CallsBetweenLooks { get; init; } = 64;

    /// <summary>The least rate aimed at; zero when the aim is a ratio.</summary>
    public double AimRate { get; init; }

    /// <summary>The least share of the peer's rate aimed at; zero when the aim is a rate.</summary>
    public double AimRatio { get; init; }

    /// <summary>The peer and its rate in the same unit; null where nothing comparable is at hand.</summary>
    public (string Name, Func<double> Rate)? Peer { get; init; }

    public Result Measure(int rounds)
    {
        RateOf(SecondsToWarmUp);
        var turns = new List<(double Ours, double Theirs)>();
        for (var round = 0; round < rounds; round++)
        {
            turns.Add((RateOf(SecondsPerRound), Peer is { } peer ? peer.Rate() : 0));
        }

        var median = turns.OrderBy(turn => Peer is null ? turn.Ours : turn.Ours / turn.Theirs).ElementAt(rounds / 2);
        return new Result(
            Name,
            Show(median.Ours),
            Peer is { } named ? $"{named.Name}: {Show(median.Theirs)}" : "",
            Peer is null ? "" : Fixed(median.Ours / median.Theirs),
            AimRatio > 0 ? $"≥ {Fixed(AimRatio)} ×" : AimRate > 0 ? $"≥ {Show(AimRate)}" : "",
            AimRatio > 0 ? median.Ours >= AimRatio * median.Theirs : AimRate > 0 ? median.Ours >= AimRate : null,
            $"{Weigh(Call)} ({(Bare is null ? 0 : Weigh(Bare))})");
    }

    private string Show(double rate) => Unit == Unit.Bytes
        ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e6:N0} MB/s")
        : string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s");

    private static string Fixed(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private double RateOf(double seconds)
    {
        // Time of the processor, as openssl speed takes it: what else the machine does does not count.
        var begin = Environment.CpuUsage.TotalTime;
        var spent = 0.0;
        var calls = 0L;
        while (spent < seconds)
        {
            for (var i = 0; i < CallsBetweenLooks; i++)
            {
                Call();
            }

            calls += CallsBetweenLooks;
            spent = (Environment.CpuUsage.TotalTime - begin).TotalSeconds;
        }

        return calls * PerCall / spent;
    }

    private long Weigh(Action call)
    {
        call();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var calls = Math.Min(CallsToWeigh, 4 * CallsBetweenLooks);
        for (var i = 0; i < calls; i++)
        {
            call();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / calls;
    }
}

/// <summary>What a rate counts.</summary>
internal enum Unit
{
    Operations,
    Bytes,
}
