using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Station.Firmware;

/// <summary>
/// Offers a chip the inputs of "program" out of memory that is wiped, and takes nothing back.
/// </summary>
internal sealed class SecretHost(Secret head, Secret image) : IChipHost
{
    public long SizeOf(string input) => Find(input)?.Length ?? -1;

    public int Read(string input, long offset, Span<byte> destination)
    {
        if (Find(input) is not { } content || offset >= content.Length)
        {
            return 0;
        }

        var rest = content.Expose()[(int)offset..];
        var count = Math.Min(rest.Length, destination.Length);
        rest[..count].CopyTo(destination);
        return count;
    }

    public void Emit(string output, ReadOnlySpan<byte> data)
    {
    }

    private Secret? Find(string input) => input switch
    {
        ProgramCommand.Head => head,
        ProgramCommand.Image => image,
        _ => null,
    };
}
