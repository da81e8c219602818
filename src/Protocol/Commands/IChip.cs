namespace Keywright.Protocol.Commands;

/// <summary>
/// The chip's command port (docs/spec/chip.md): one command at a time. While it runs, the chip pulls the inputs that it
/// needs and pushes what it emits, so that a chip with little memory can take a large package in two passes.
/// Drivers: a chip in this process, a chip host on a socket; later debug probes and external programs.
/// </summary>
public interface IChip
{
    /// <summary>Runs a command to its end. Null when done; else the refusal, and then nothing in the chip has changed.</summary>
    Refusal? Execute(string command, IChipHost host);
}

/// <summary>The other side of the port: what the holder of the chip offers it during one command.</summary>
public interface IChipHost
{
    /// <summary>Size in bytes of a named input; −1 when there is none.</summary>
    long SizeOf(string input);

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on; gives how many bytes there were.</summary>
    int Read(string input, long offset, Span<byte> destination);

    /// <summary>Takes the next bytes of a named output.</summary>
    void Emit(string output, ReadOnlySpan<byte> data);
}
