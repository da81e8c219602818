using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Firmware;

namespace Keywright.Station.Firmware;

/// <summary>
/// A record of the programming journal (docs/spec/programming.md §7.1): {0: 1, 1: kind, …}. Kinds: 1 enrolled
/// {2: Enrolment}, 2 taken {2: j, 3: Take}, 3 filed {2: j, 3: File}, 4 closed {2: j, 3: chip ID, 4: [* device
/// ID], 5: result}.
/// </summary>
internal abstract record JournalRecord
{
    private const int MaxMessageBytes = Journal.MaxRecordBytes;

    public sealed record Enrolled(ReadOnlyMemory<byte> Message) : JournalRecord;

    public sealed record Taken(uint Turn, ReadOnlyMemory<byte> Message) : JournalRecord;

    public sealed record Filed(uint Turn, ReadOnlyMemory<byte> Message) : JournalRecord;

    public sealed record Closed(ClosedTurn Turn) : JournalRecord;

    public byte[] Encode()
    {
        using var writer = new CborWriter();
        return (this switch
        {
            Enrolled enrolled => Head(writer, 3, 1).Key(2).Bytes(enrolled.Message.Span),
            Taken taken => Head(writer, 4, 2).Key(2).UInt(taken.Turn).Key(3).Bytes(taken.Message.Span),
            Filed filed => Head(writer, 4, 3).Key(2).UInt(filed.Turn).Key(3).Bytes(filed.Message.Span),
            Closed closed => Write(Head(writer, 6, 4), closed.Turn),
            _ => throw new InvalidOperationException("A record of no kind."),
        }).ToArray();
    }

    /// <summary>
    /// Reads one. The journal checked its bytes: what does not read was written by a newer station.
    /// </summary>
    public static JournalRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        reader.Map(6);
        reader.Version(1);
        reader.Key(1);
        var kind = reader.UInt32(4);
        reader.Key(2);
        JournalRecord? record = kind switch
        {
            1 => new Enrolled(reader.Bytes(1, MaxMessageBytes).ToArray()),
            2 => ReadTaken(ref reader),
            3 => ReadFiled(ref reader),
            4 => ReadClosed(ref reader),
            _ => null,
        };
        reader.EndMap();
        return reader.Finish() is null && record is not null
            ? record
            : throw new InvalidDataException("the journal has a record that this station cannot read");
    }

    private static Taken ReadTaken(ref CborReader reader)
    {
        var turn = reader.UInt32();
        reader.Key(3);
        return new Taken(turn, reader.Bytes(1, MaxMessageBytes).ToArray());
    }

    private static Filed ReadFiled(ref CborReader reader)
    {
        var turn = reader.UInt32();
        reader.Key(3);
        return new Filed(turn, reader.Bytes(1, MaxMessageBytes).ToArray());
    }

    private static Closed ReadClosed(ref CborReader reader)
    {
        var turn = reader.UInt32();
        reader.Key(3);
        var chip = ChipId.Read(ref reader);
        reader.Key(4);
        var devices = new DeviceId[reader.Array(0, SealedFile.MaxDeviceIds)];
        for (var i = 0; i < devices.Length; i++)
        {
            devices[i] = DeviceId.Read(ref reader);
        }

        reader.EndArray();
        reader.Key(5);
        return new Closed(new ClosedTurn(turn, chip, devices, reader.Text(1, 64)));
    }

    private static CborWriter Head(CborWriter writer, int fields, uint kind) =>
        writer.Map(fields).Key(0).UInt(1).Key(1).UInt(kind);

    private static CborWriter Write(CborWriter writer, ClosedTurn turn)
    {
        writer.Key(2).UInt(turn.Turn).Key(3).Bytes(turn.Chip.ToArray()).Key(4).Array(turn.Devices.Count);
        foreach (var device in turn.Devices)
        {
            writer.Text(device.ToString());
        }

        return writer.Key(5).Text(turn.Result);
    }
}
