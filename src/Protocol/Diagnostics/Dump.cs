using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;

namespace Keywright.Protocol.Diagnostics;

/// <summary>
/// The signed end of a dump: it is whole, and of what (docs/spec/diagnostics.md §3). At most 8 KiB.
/// </summary>
public sealed record Dump : IMessage<Dump>
{
    /// <summary>The most segments of one dump.</summary>
    public const int MaxSegments = 8;

    public required DumpPlace Place { get; init; }

    public required DeviceId Device { get; init; }

    public required DumpTrigger Trigger { get; init; }

    /// <summary>Seconds since 1970; null where the device has no clock.</summary>
    public ulong? TimeSeconds { get; init; }

    public required IReadOnlyList<DumpSegment> Segments { get; init; }

    public static MessageType Type { get; } = new("dump", Protection.Signature, 8 * 1024);

    public static Dump Read(ref CborReader reader)
    {
        reader.Map(8);
        reader.Version(1);
        reader.Key(1);
        var chip = ChipId.Read(ref reader);
        reader.Key(2);
        var device = DeviceId.Read(ref reader);
        reader.Key(3);
        var boot = reader.UInt(long.MaxValue);
        reader.Key(4);
        var number = reader.UInt32();
        reader.Key(5);
        var trigger = (DumpTrigger)reader.Positive((uint)DumpTrigger.Data);
        ulong? time = reader.TryKey(6) ? reader.UInt(long.MaxValue) : null;
        reader.Key(7);
        var segments = new DumpSegment[reader.Array(1, MaxSegments)];
        for (var i = 0; i < segments.Length && !reader.Failed; i++)
        {
            segments[i] = DumpSegment.Read(ref reader);
        }

        reader.EndArray();
        reader.EndMap();
        return new Dump
        {
            Place = new DumpPlace(chip, boot, number),
            Device = device,
            Trigger = trigger,
            TimeSeconds = time,
            Segments = segments,
        };
    }

    public void Write(CborWriter writer)
    {
        writer.Map(TimeSeconds is null ? 7 : 8).Key(0).UInt(1)
            .Key(1).Bytes(Place.Chip.ToArray())
            .Key(2).Text(Device.ToString())
            .Key(3).UInt(Place.Boot)
            .Key(4).UInt(Place.Number)
            .Key(5).UInt((uint)Trigger);
        if (TimeSeconds is { } time)
        {
            writer.Key(6).UInt(time);
        }

        writer.Key(7).Array(Segments.Count);
        foreach (var segment in Segments)
        {
            segment.Write(writer);
        }
    }
}

/// <summary>Which dump of which chip: no two have the same place.</summary>
/// <param name="Chip">The chip that made it.</param>
/// <param name="Boot">Its boot counter.</param>
/// <param name="Number">Counts the dumps of that boot from 0.</param>
public sealed record DumpPlace(ChipId Chip, ulong Boot, uint Number)
{
    /// <summary>Binds the segment key to its place: recipient_extra_info of EN.</summary>
    public byte[] KeyContext(int segment, Digest program) =>
        CborItem.Array("dump", Chip, Boot, Number, segment, program);

    /// <summary>Binds the body to its place.</summary>
    public byte[] BodyContext(int segment) => CborItem.Array("dump", Chip, Boot, Number, segment);
}

/// <summary>Why a dump was made.</summary>
public enum DumpTrigger
{
    Crash = 1,
    DebugRequest = 2,
    Attack = 3,
    Data = 4,
}
