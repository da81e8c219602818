using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;

namespace Keywright.Chips;

/// <summary>
/// The frames between a chip host and its client (docs/spec/chip.md §12): length (4 bytes, big-endian) ‖ CBOR
/// array that begins with the frame's kind. Whatever breaks the rules or the connection is a <see
/// cref="ChipConnectionException"/>; other exceptions are the chip's or the host's own.
/// </summary>
internal sealed class ChipConnection(Socket socket) : IDisposable
{
    /// <summary>The most bytes of an input or output in one frame.</summary>
    public const int MaxData = 65536;

    private const int MaxFrame = MaxData + 256;
    private const int MaxName = 48;
    private const int MaxDetail = 512;
    private const int LengthSize = 4;

    private static readonly Dictionary<string, Reason> Reasons =
        Enum.GetValues<Reason>().ToDictionary(Refusal.NameOf);

    private readonly NetworkStream stream = new(socket, ownsSocket: true);

    private enum Frame
    {
        Execute = 0,
        Size = 1,
        Data = 2,
        AskSize = 16,
        AskData = 17,
        Emit = 18,
        Done = 19,
        Refused = 20,
    }

    /// <summary>
    /// The chip's side: the next command; null when the client has hung up between two commands.
    /// </summary>
    public string? ReceiveCommand()
    {
        if (Receive() is not { } frame)
        {
            return null;
        }

        var reader = Expect(frame, Frame.Execute, 2);
        var command = reader.Text(1, MaxName);
        EndArray(ref reader);
        return command;
    }

    /// <summary>The chip's side: ends a command.</summary>
    public void SendVerdict(Refusal? refusal)
    {
        using var writer = new CborWriter();
        if (refusal is null)
        {
            Send(writer.Array(1).UInt((ulong)Frame.Done));
            return;
        }

        var detail = refusal.Detail;
        while (Encoding.UTF8.GetByteCount(detail) > MaxDetail)
        {
            detail = detail[..(detail.Length / 2)];
        }

        Send(writer.Array(3).UInt((ulong)Frame.Refused).Text(refusal.Name).Text(detail));
    }

    /// <summary>The chip's side: asks how large an input is.</summary>
    public long AskSize(string input)
    {
        using var writer = new CborWriter();
        Send(writer.Array(2).UInt((ulong)Frame.AskSize).Text(input));
        var reader = Expect(ReceiveOrFail(), Frame.Size, 2);
        var size = reader.Int(-1, long.MaxValue);
        EndArray(ref reader);
        return size;
    }

    /// <summary>The chip's side: asks for a part of an input, at most <see cref="MaxData"/> bytes.</summary>
    public int AskData(string input, long offset, Span<byte> destination)
    {
        using var writer = new CborWriter();
        Send(writer.Array(4).UInt((ulong)Frame.AskData).Text(input).Int(offset).Int(destination.Length));
        var reader = Expect(ReceiveOrFail(), Frame.Data, 2);
        var data = reader.Bytes(0, destination.Length);
        EndArray(ref reader);
        data.CopyTo(destination);
        return data.Length;
    }

    /// <summary>The chip's side: hands over the next bytes of an output.</summary>
    public void SendEmit(string output, ReadOnlySpan<byte> data)
    {
        using var writer = new CborWriter(data.Length + MaxName + 16);
        Send(writer.Array(3).UInt((ulong)Frame.Emit).Text(output).Bytes(data));
    }

    /// <summary>The client's side: runs one command to its end.</summary>
    public Refusal? Execute(string command, IChipHost host)
    {
        using var writer = new CborWriter();
        Send(writer.Array(2).UInt((ulong)Frame.Execute).Text(command));
        while (true)
        {
            var frame = ReceiveOrFail();
            var reader = new CborReader(frame);
            reader.Array(1, 4);
            switch ((Frame)reader.UInt(byte.MaxValue))
            {
                case Frame.AskSize:
                    AnswerSize(ref reader, host);
                    break;
                case Frame.AskData:
                    AnswerData(ref reader, host);
                    break;
                case Frame.Emit:
                    var output = reader.Text(1, MaxName);
                    var data = reader.Bytes(0, MaxData);
                    EndArray(ref reader);
                    host.Emit(output, data);
                    break;
                case Frame.Done:
                    EndArray(ref reader);
                    return null;
                case Frame.Refused:
                    return ReadRefusal(ref reader);
                default:
                    throw Broken("an unknown frame");
            }
        }
    }

    public void Dispose() => stream.Dispose();

    private void AnswerSize(ref CborReader reader, IChipHost host)
    {
        var input = reader.Text(1, MaxName);
        EndArray(ref reader);
        using var writer = new CborWriter();
        Send(writer.Array(2).UInt((ulong)Frame.Size).Int(host.SizeOf(input)));
    }

    private void AnswerData(ref CborReader reader, IChipHost host)
    {
        var input = reader.Text(1, MaxName);
        var offset = reader.Int(0, long.MaxValue);
        var data = new byte[(int)reader.UInt(MaxData)];
        EndArray(ref reader);
        var count = host.Read(input, offset, data);
        using var writer = new CborWriter(data.Length + 16);
        Send(writer.Array(2).UInt((ulong)Frame.Data).Bytes(data.AsSpan(0, count)));
    }

    private static Refusal ReadRefusal(ref CborReader reader)
    {
        var name = reader.Text(1, MaxName);
        var detail = reader.Text(0, MaxDetail);
        EndArray(ref reader);
        return Reasons.TryGetValue(name, out var reason)
            ? new Refusal(reason, detail)
            : throw Broken("a refusal for an unknown reason");
    }

    private void Send(CborWriter writer)
    {
        var frame = new byte[LengthSize + writer.Written.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)writer.Written.Length);
        writer.Written.CopyTo(frame.AsSpan(LengthSize));
        Try(() => stream.Write(frame));
    }

    private byte[] ReceiveOrFail() => Receive() ?? throw Broken("the other side has hung up");

    private byte[]? Receive()
    {
        var head = new byte[LengthSize];
        var got = 0;
        Try(() => got = stream.ReadAtLeast(head, LengthSize, throwOnEndOfStream: false));
        if (got == 0)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (got < LengthSize || length is 0 or > MaxFrame)
        {
            throw Broken($"a frame of {length} bytes");
        }

        var frame = new byte[length];
        Try(() => stream.ReadExactly(frame));
        return frame;
    }

    /// <summary>A socket closed from another thread, and one that waited too long, are broken too.</summary>
    private static void Try(Action transfer)
    {
        try
        {
            transfer();
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            throw Broken(fault.Message.TrimEnd('.'), fault);
        }
    }

    private static CborReader Expect(ReadOnlySpan<byte> frame, Frame kind, int items)
    {
        var reader = new CborReader(frame);
        reader.Array(items, items);
        return reader.UInt(byte.MaxValue) == (ulong)kind && !reader.Failed
            ? reader
            : throw Broken($"{kind} was expected");
    }

    private static void EndArray(ref CborReader reader)
    {
        reader.EndArray();
        if (reader.Finish() is { } why)
        {
            throw Broken(why.ToString());
        }
    }

    private static ChipConnectionException Broken(string how, Exception? cause = null) => new(how, cause);
}
