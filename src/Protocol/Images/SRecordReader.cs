using System.Buffers;
using System.Buffers.Binary;

namespace Keywright.Protocol.Images;

/// <summary>
/// Walks through the records of an S-record text, in the order of checks of docs/spec/images.md §7.2. Each
/// record is decoded into <paramref name="room"/>, which the caller wipes.
/// </summary>
internal ref struct SRecordReader(ReadOnlySpan<byte> text, Span<byte> room)
{
    /// <summary>Length, and what it counts: address, data, checksum.</summary>
    public const int MaxRecordBytes = 1 + 255;

    private const int Letter = 2;
    private const int LeastRecordBytes = 1 + 2 + 1;

    private readonly Span<byte> room = room;
    private ReadOnlySpan<byte> rest = text;
    private int dataType;
    private uint dataRecords;
    private bool counted;
    private bool ended;

    /// <summary>The line of the current record, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Where the current data stands.</summary>
    public uint Address { get; private set; }

    /// <summary>The current data: 1–252 bytes.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The start address, once the last record gave one.</summary>
    public StartAddress? Start { get; private set; }

    /// <summary>
    /// Goes to the next data record. False at the end of a whole file; true with a fault when it is broken.
    /// </summary>
    public bool NextData(out Refusal? fault)
    {
        while (!rest.IsEmpty)
        {
            Line++;
            Data = [];
            fault = ended ? Bad("something stands behind the termination record") : Take();
            if (fault is not null || !Data.IsEmpty)
            {
                return true;
            }
        }

        fault = ended ? null : Bad("the termination record is missing");
        return !ended;
    }

    /// <summary>
    /// Bytes of the address, or of the count, in a record of this type; 0 for a type that is none.
    /// </summary>
    internal static int AddressBytes(int type) => type switch
    {
        0 or 1 or 5 or 9 => 2,
        2 or 6 or 8 => 3,
        3 or 7 => 4,
        _ => 0,
    };

    /// <summary>Where the digits of the data stand in a line of this type.</summary>
    internal static Range DataDigits(int type) => ("STLL".Length + (2 * AddressBytes(type)))..^"CC".Length;

    private Refusal? Take()
    {
        if (Decode(out var type, out var number, out var data) is { } fault)
        {
            return fault;
        }

        return type switch
        {
            0 => Line == 1 && number == 0 ? null : Bad("a header is not the first line, or has an address"),
            1 or 2 or 3 => TakeData(type, number, data),
            5 or 6 => TakeCount(number, data),
            _ => TakeEnd(type, number, data),
        };
    }

    private Refusal? TakeData(int type, uint address, ReadOnlySpan<byte> data)
    {
        if (counted)
        {
            return Bad("data behind the count");
        }

        // The type is not under the checksum: one type throughout, the same at the end, catches a changed digit.
        if (dataType != 0 && dataType != type)
        {
            return Bad($"S{type} in a file of S{dataType}");
        }

        if (data.IsEmpty)
        {
            return Bad("a data record without data");
        }

        if (address + (ulong)data.Length > 1UL << (8 * AddressBytes(type)))
        {
            return Bad("a data record runs over the end of its address space");
        }

        dataType = type;
        dataRecords++;
        Address = address;
        Data = data;
        return null;
    }

    private Refusal? TakeCount(uint number, ReadOnlySpan<byte> data)
    {
        if (counted || !data.IsEmpty)
        {
            return Bad("a second count, or a count with data");
        }

        counted = true;
        return number == dataRecords ? null : Bad($"{number} data records are counted, {dataRecords} are there");
    }

    private Refusal? TakeEnd(int type, uint address, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            return Bad("a termination record with data");
        }

        if (dataType != 0 && type != 10 - dataType)
        {
            return Bad($"S{type} ends a file of S{dataType}");
        }

        ended = true;
        Start = address == 0 ? null : new StartAddress(address, Segmented: false);
        return null;
    }

    /// <summary>Cuts one line off and decodes it into the room: form, then length, then checksum.</summary>
    private Refusal? Decode(out int type, out uint number, out ReadOnlySpan<byte> data)
    {
        number = 0;
        data = [];
        var line = TextLine.Cut(ref rest);
        type = line.Length > 1 && line[0] == 'S' ? line[1] - '0' : -1;
        var numberBytes = AddressBytes(type);
        if (numberBytes == 0)
        {
            return Bad("a line does not begin with S and a type of 0 to 3 or 5 to 9");
        }

        var digits = line[Letter..];
        if (digits.Length is < (2 * LeastRecordBytes) or > (2 * MaxRecordBytes)
            || Convert.FromHexString(digits, room, out _, out var decoded) != OperationStatus.Done)
        {
            return Bad("a record is not 4 to 256 bytes in hexadecimal digits");
        }

        if (decoded != 1 + room[0] || decoded < 1 + numberBytes + 1)
        {
            return Bad($"a record says {room[0]} bytes and has {decoded - 1}, or too few for its address");
        }

        if (TextLine.Sum(room[..decoded]) != 0xFF)
        {
            return Bad("a checksum does not match");
        }

        Span<byte> wide = stackalloc byte[sizeof(uint)];
        wide.Clear();
        room.Slice(1, numberBytes).CopyTo(wide[^numberBytes..]);
        number = BinaryPrimitives.ReadUInt32BigEndian(wide);
        data = room[(1 + numberBytes)..(decoded - 1)];
        return null;
    }

    private static Refusal Bad(string detail) => new(Reason.BadImage, detail);
}
