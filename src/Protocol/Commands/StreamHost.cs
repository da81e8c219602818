namespace Keywright.Protocol.Commands;

/// <summary>
/// A host whose inputs and outputs are streams: for contents that do not fit into memory. Whoever gave a
/// stream closes it. An input that cannot seek (a pipe) has the size 2⁶³ − 1 and is read once, in order.
/// </summary>
public sealed class StreamHost : IChipHost
{
    private readonly Dictionary<string, Input> inputs = [];
    private readonly Dictionary<string, Stream> outputs = [];

    /// <summary>Offers an input; gives itself, so that several can be offered in one expression.</summary>
    public StreamHost With(string input, Stream content)
    {
        inputs[input] = new Input(content);
        return this;
    }

    /// <summary>Offers a small input.</summary>
    public StreamHost With(string input, byte[] content) => With(input, new MemoryStream(content));

    /// <summary>Where an output goes; one that was not asked for is dropped.</summary>
    public StreamHost To(string output, Stream destination)
    {
        outputs[output] = destination;
        return this;
    }

    public long SizeOf(string input) => inputs.TryGetValue(input, out var found) ? found.Size : -1;

    public int Read(string input, long offset, Span<byte> destination) =>
        inputs.TryGetValue(input, out var found) ? found.Read(offset, destination) : 0;

    public void Emit(string output, ReadOnlySpan<byte> data)
    {
        if (outputs.TryGetValue(output, out var destination))
        {
            destination.Write(data);
        }
    }

    private sealed class Input(Stream content)
    {
        private long position;

        public long Size => content.CanSeek ? content.Length : long.MaxValue;

        public int Read(long offset, Span<byte> destination)
        {
            if (content.CanSeek)
            {
                content.Position = offset;
            }
            else if (offset != position)
            {
                throw new InvalidOperationException($"a pipe at {position} cannot be read from {offset}");
            }

            var count = content.Read(destination);
            position = offset + count;
            return count;
        }
    }
}
