using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Chips;

/// <summary>
/// The first entry of "silicon" (docs/spec/chip.md §10): {0: 1, 1: immutable memory, 2: C, 3: pages, 4: page
/// size, 5: registers}.
/// </summary>
internal static class DieEntry
{
    /// <summary>Holds secrets: the caller disposes the writer, which wipes them.</summary>
    public static CborWriter Encode(Die die, MonotonicState state)
    {
        using var immutable = new CborWriter(1024);
        die.Immutable.Write(immutable);
        using var registers = new CborWriter(256);
        state.Write(registers);
        var writer = new CborWriter(2048);
        writer.Map(6).Key(0).UInt(1).Key(1).Bytes(immutable.Written).Key(2).Bytes(die.Key.Expose());
        writer.Key(3).UInt((ulong)die.Geometry.PageCount).Key(4).UInt((ulong)die.Geometry.PageSize);
        return writer.Key(5).Bytes(registers.Written);
    }

    /// <summary>Refusals: Malformed and those of what is inside.</summary>
    public static Outcome<(Die Die, MonotonicState State)> Decode(ReadOnlySpan<byte> content)
    {
        var reader = new CborReader(content);
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        var immutable = reader.Bytes(0, content.Length);
        reader.Key(2);
        var key = reader.Bytes(ChipKey.Size);
        reader.Key(3);
        var pageCount = (int)reader.UInt(int.MaxValue);
        reader.Key(4);
        var geometry = new FlashGeometry(pageCount, (int)reader.UInt(int.MaxValue));
        reader.Key(5);
        var registers = new CborReader(reader.Bytes(0, content.Length));
        reader.EndMap();
        if (reader.Finish() is { } why)
        {
            return why;
        }

        var state = MonotonicState.Read(ref registers);
        if ((registers.Finish() ?? Fault(geometry)) is { } fault)
        {
            return fault;
        }

        return ImmutableMemory.Read(immutable).Refused(out var memory, out why)
            ? why
            : (new Die(memory, new ChipKey(key), geometry), state);
    }

    private static Refusal? Fault(FlashGeometry geometry) =>
        geometry.IsSound ? null : new Refusal(Reason.Malformed, $"no flash is {geometry}");
}
