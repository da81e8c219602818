using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// A unit of a set, and how it is reached: connected for one download, and let go when it is disposable.
/// </summary>
public sealed record SetUnit(SerialNumber Serial, Func<IChip> Connect);

/// <summary>How one unit of a set fared.</summary>
/// <param name="Serial">The unit.</param>
/// <param name="Refusal">Why not; null when the key has arrived or the unit was not reached.</param>
/// <param name="Unreached">What was wrong with the way to the unit; null when it was reached.</param>
public sealed record UnitResult(SerialNumber Serial, Refusal? Refusal, string? Unreached)
{
    /// <summary>True when the unit has acknowledged the key.</summary>
    public bool Acknowledged => Refusal is null && Unreached is null;
}

/// <summary>
/// Brings an application key to a whole set, one unit after the other. One unit that refuses or cannot be
/// reached does not hold up the others; run again, it goes on where it stopped. Gives how each unit fared, in
/// the given order.
/// </summary>
public static class DownloadToSet
{
    public static IReadOnlyList<UnitResult> Run(
        Sam sam,
        uint ref1,
        IReadOnlyCollection<SetUnit> units,
        IProgress<UnitResult>? progress = null,
        CancellationToken stop = default)
    {
        var results = new List<UnitResult>(units.Count);
        foreach (var unit in units)
        {
            stop.ThrowIfCancellationRequested();
            var result = One(sam, ref1, unit);
            results.Add(result);
            progress?.Report(result);
        }

        return results;
    }

    private static UnitResult One(Sam sam, uint ref1, SetUnit unit)
    {
        // Not asked twice: a unit that has acknowledged need not even be there.
        if (sam.State.LastOf(unit.Serial, ref1) is { Acknowledged: true })
        {
            return new UnitResult(unit.Serial, null, null);
        }

        try
        {
            using var line = new UnitLine(unit.Connect);
            DownloadToUnit.Run(sam, ref1, unit.Serial, line).Refused(out _, out var why);
            return new UnitResult(unit.Serial, why, null);
        }
        catch (UnitLostException lost)
        {
            return new UnitResult(unit.Serial, null, lost.Message);
        }
    }

    /// <summary>
    /// Tells a fault on the way to a unit from one of the SAM's own disk, which ends the whole run.
    /// </summary>
    private sealed class UnitLine : IChip, IDisposable
    {
        private readonly IChip unit;

        public UnitLine(Func<IChip> connect) => unit = Guard(connect);

        public Refusal? Execute(string command, IChipHost host) => Guard(() => unit.Execute(command, host));

        public void Dispose() => (unit as IDisposable)?.Dispose();

        private static T Guard<T>(Func<T> step)
        {
            try
            {
                return step();
            }
            catch (IOException fault)
            {
                throw new UnitLostException(fault);
            }
        }
    }

    private sealed class UnitLostException(IOException fault) : Exception(fault.Message, fault);
}
