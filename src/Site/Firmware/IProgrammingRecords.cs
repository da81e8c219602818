namespace Keywright.Site.Firmware;

/// <summary>What <see cref="ProgramDevice"/> writes: one conditional write decides each Take.</summary>
public interface IProgrammingRecords
{
    /// <summary>The device that a station's turn was used for; null when it was not used.</summary>
    ProgrammedTurn? FindTurn(string station, uint turn);

    /// <summary>
    /// Writes the device, takes its IDs out of the pool, moves the station's generator on, and numbers the
    /// File: all of it, and only when the station's next turn is still <paramref name="expectedTurn"/>, the
    /// IDs still wait, the chip has no device and the station is not revoked. Null when one of these is so no
    /// longer: judge again.
    /// </summary>
    ProgrammedTurn? Commit(DeviceRecord device, uint expectedTurn, GeneratorStep next);

    /// <summary>
    /// Keeps the File of a device; gives the one that is kept, which is the first that was.
    /// </summary>
    byte[] KeepFile(ProgrammedTurn turn, ReadOnlyMemory<byte> file);
}

/// <summary>The generator behind a used turn.</summary>
/// <param name="Turn">The next turn.</param>
/// <param name="Sealed">R of that turn, sealed in <see cref="StationRecord.GeneratorContext"/>.</param>
public sealed record GeneratorStep(uint Turn, ReadOnlyMemory<byte> Sealed);

/// <summary>A used turn: its device, the number of its File, and the File once it was made.</summary>
public sealed record ProgrammedTurn(DeviceRecord Device, ulong Serial, byte[]? File);
