using System.Buffers;
using System.Buffers.Binary;

namespace Keywright.Protocol.Images;

/// <summary>The record types of Intel HEX.</summary>
internal enum HexRecordType : byte
{
    Data = 0,
    End = 1,
    SegmentedBase = 2,
    SegmentedStart = 3,
    LinearBase = 4,
    LinearStart = 5,
}

/// <summary>
/// Walks through the records of an Intel HEX text, in the order of checks of docs/spec/images.md §3.2. Each record is
/// decoded into <paramref name="room"/>, which the caller wipes.
/// </summary>
internal ref struct HexReader(ReadOnlySpan<byte> text, Span<byte> room)
{
    /// <summary>Length, offset, type, 255 data bytes, checksum.</summary>
    public const int MaxRecordBytes = 1 + 2 + 1 + 255 + 1;

    private const int PageBytes = 0x10000;
    private const int LeastDigits = 2 * (MaxRecordBytes - 255);

    private readonly Span<byte> room = room;
    private ReadOnlySpan<byte> rest = text;
    private uint baseAddress;
    private bool ended;

    /// <summary>The line of the current record, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Where the current data stands.</summary>
    public uint Address { get; private set; }

    /// <summary>The current data: 1–255 bytes.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The start address, once its record was read.</summary>
    public StartAddress? Start { get; private set; }

    /// <summary>Goes to the next data record. False at the end of a whole file; true with a fault when it is broken.</summary>
    public bool NextData(out Refusal? fault)
    {
        while (!rest.IsEmpty)
        {
            Line++;
            Data = [];
            fault = ended ? Bad("something stands behind the end record") : Take();
            if (fault is not null || !Data.IsEmpty)
            {
                return true;
            }
        }

        fault = ended ? null : Bad("the end record is missing");
        return !ended;
    }

    private Refusal? Take()
    {
        if (Decode() is { } fault)
        {
            return fault;
        }

        var type = (HexRecordType)room[3];
        var offset = BinaryPrimitives.ReadUInt16BigEndian(room[1..]);
        var data = room.Slice(4, room[0]);
        if (type > HexRecordType.LinearStart)
        {
            return Bad($"record type {room[3]:X2} is not one of 00 to 05");
        }

        if (type == HexRecordType.Data)
        {
            return TakeData(offset, data);
        }

        return offset == 0 ? TakeControl(type, data) : Bad($"a record of type {room[3]:X2} has the offset {offset:X4}");
    }

    private Refusal? TakeData(ushort offset, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return Bad("a data record without data");
        }

        if (offset + data.Length > PageBytes)
        {
            return Bad("a data record runs over the end of its 64 KiB");
        }

        Address = baseAddress + offset;
        Data = data;
        return null;
    }

    private Refusal? TakeControl(HexRecordType type, ReadOnlySpan<byte> data)
    {
        var length = type switch
        {
            HexRecordType.End => 0,
            HexRecordType.SegmentedBase or HexRecordType.LinearBase => 2,
            _ => 4,
        };
        if (data.Length != length)
        {
            return Bad($"a record of type {(byte)type:X2} has {data.Length} data bytes instead of {length}");
        }

        switch (type)
        {
            case HexRecordType.End:
                ended = true;
                return null;
            case HexRecordType.SegmentedBase:
                baseAddress = (uint)BinaryPrimitives.ReadUInt16BigEndian(data) << 4;
                return null;
            case HexRecordType.LinearBase:
                baseAddress = (uint)BinaryPrimitives.ReadUInt16BigEndian(data) << 16;
                return null;
            default:
                return TakeStart(new(BinaryPrimitives.ReadUInt32BigEndian(data), type == HexRecordType.SegmentedStart));
        }
    }

    private Refusal? TakeStart(StartAddress start)
    {
        if (Start is not null)
        {
            return Bad("a second start address");
        }

        Start = start;
        return null;
    }

    /// <summary>Cuts one line off and decodes it into the room: form, then length, then checksum.</summary>
    private Refusal? Decode()
    {
        var line = TextLine.Cut(ref rest);
        if (line.IsEmpty || line[0] != ':')
        {
            return Bad("a line does not begin with a colon");
        }

        var digits = line[1..];
        if (digits.Length is < LeastDigits or > (2 * MaxRecordBytes)
            || Convert.FromHexString(digits, room, out _, out var decoded) != OperationStatus.Done)
        {
            return Bad("a record is not 5 to 260 bytes in hexadecimal digits");
        }

        if (decoded != MaxRecordBytes - 255 + room[0])
        {
            return Bad($"a record says {room[0]} data bytes and has {decoded - (MaxRecordBytes - 255)}");
        }

        return TextLine.Sum(room[..decoded]) == 0 ? null : Bad("a checksum does not match");
    }

    private static Refusal Bad(string detail) => new(Reason.BadImage, detail);
}
