namespace Keywright.Protocol.Commands;

/// <summary>
/// A host that holds inputs and outputs in memory: for messages, and for packages of modest size. A chip that emits more
/// than <paramref name="maxOutputBytes"/> in all, or under more than <see cref="MaxOutputs"/> names, ends in an <see
/// cref="OutputTooLargeException"/>: a hostile one must not fill the memory of who asks it.
/// </summary>
public sealed class MemoryHost(long maxOutputBytes = MemoryHost.DefaultMaxOutputBytes) : IChipHost
{
    /// <summary>Bytes that a chip may emit in all unless said otherwise: 64 MiB.</summary>
    public const long DefaultMaxOutputBytes = 64 << 20;

    /// <summary>Names under which a chip may emit.</summary>
    public const int MaxOutputs = 64;

    private readonly Dictionary<string, ReadOnlyMemory<byte>> inputs = [];
    private readonly Dictionary<string, MemoryStream> outputs = [];
    private long emittedBytes;

    /// <summary>Offers an input; gives itself, so that several can be offered in one expression.</summary>
    public MemoryHost With(string input, ReadOnlyMemory<byte> content)
    {
        inputs[input] = content;
        return this;
    }

    /// <summary>What the chip emitted under this name; empty when nothing.</summary>
    public byte[] Emitted(string output) => outputs.TryGetValue(output, out var stream) ? stream.ToArray() : [];

    public long SizeOf(string input) => inputs.TryGetValue(input, out var content) ? content.Length : -1;

    public int Read(string input, long offset, Span<byte> destination)
    {
        if (!inputs.TryGetValue(input, out var content) || offset >= content.Length)
        {
            return 0;
        }

        var available = content.Span[(int)offset..];
        var count = Math.Min(available.Length, destination.Length);
        available[..count].CopyTo(destination);
        return count;
    }

    public void Emit(string output, ReadOnlySpan<byte> data)
    {
        if (data.Length > maxOutputBytes - emittedBytes)
        {
            throw new OutputTooLargeException($"The chip emits more than {maxOutputBytes} bytes.");
        }

        if (!outputs.TryGetValue(output, out var stream))
        {
            if (outputs.Count == MaxOutputs)
            {
                throw new OutputTooLargeException($"The chip emits more than {MaxOutputs} outputs.");
            }

            outputs[output] = stream = new MemoryStream();
        }

        stream.Write(data);
        emittedBytes += data.Length;
    }
}

/// <summary>A chip emitted more than its host takes: the command's end is unknown, as after a power cut.</summary>
public sealed class OutputTooLargeException(string message) : IOException(message);
