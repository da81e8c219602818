using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// Puts units on the SAM's list; those that stand there already are no matter. Gives how many are new.
/// </summary>
public static class AddUnits
{
    public static int Run(Sam sam, IEnumerable<SerialNumber> units)
    {
        var fresh = units.Distinct().Where(unit => !sam.State.Record.Units.Contains(unit)).ToList();
        foreach (var part in fresh.Chunk(UnitsAdded.MaxUnits))
        {
            sam.Commit(new UnitsAdded(part));
        }

        return fresh.Count;
    }
}
