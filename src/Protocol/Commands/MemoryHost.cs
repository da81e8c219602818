namespace Keywright.Protocol.Commands;

/// <summary>A host that holds inputs and outputs in memory: for messages, and for packages of modest size.</summary>
public sealed class MemoryHost : IChipHost
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> inputs = [];
    private readonly Dictionary<string, MemoryStream> outputs = [];

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
        if (!outputs.TryGetValue(output, out var stream))
        {
            outputs[output] = stream = new MemoryStream();
        }

        stream.Write(data);
    }
}
