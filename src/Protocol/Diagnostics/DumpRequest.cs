using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Diagnostics;

/// <summary>
/// What the command "dump" is asked (docs/spec/diagnostics.md §6).
/// CBOR: {0: 1, 1: owner, 2: name, 3: kind, 4: trigger, ? 5: time}.
/// Refusals when parsed: Malformed, TooLarge, WrongVersion.
/// </summary>
/// <param name="Owner">H of the module key of the program's owner.</param>
/// <param name="Program">The program's name, 1–32 bytes.</param>
/// <param name="Kind">What the content is.</param>
/// <param name="Trigger">Why it was collected.</param>
/// <param name="TimeSeconds">Seconds since 1970; null where the device has no clock.</param>
public sealed record DumpRequest(
    Digest Owner, string Program, DumpKind Kind, DumpTrigger Trigger, ulong? TimeSeconds = null)
{
    /// <summary>The longest encoding, in bytes.</summary>
    public const int MaxSizeBytes = 128;

    public byte[] Encode()
    {
        using var writer = new CborWriter(MaxSizeBytes);
        writer.Map(TimeSeconds is null ? 5 : 6).Key(0).UInt(1)
            .Key(1).Digest(Owner)
            .Key(2).Text(Program)
            .Key(3).UInt((uint)Kind)
            .Key(4).UInt((uint)Trigger);
        if (TimeSeconds is { } time)
        {
            writer.Key(5).UInt(time);
        }

        return writer.ToArray();
    }

    public static Outcome<DumpRequest> Parse(ReadOnlySpan<byte> encoded)
    {
        var reader = new CborReader(encoded);
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        var owner = reader.Digest();
        reader.Key(2);
        var program = ShortText.Read(ref reader);
        reader.Key(3);
        var kind = (DumpKind)reader.Positive((uint)DumpKind.History);
        reader.Key(4);
        var trigger = (DumpTrigger)reader.Positive((uint)DumpTrigger.Data);
        ulong? time = reader.TryKey(5) ? reader.UInt(long.MaxValue) : null;
        reader.EndMap();
        return reader.Finish() is { } why ? why : new DumpRequest(owner, program, kind, trigger, time);
    }
}
