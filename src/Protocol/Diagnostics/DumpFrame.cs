using System.Buffers.Binary;
using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Diagnostics;

/// <summary>The frames of a dump (docs/spec/diagnostics.md §1): kind, 4 bytes of length, content.</summary>
public static class DumpFrame
{
    public const byte Preamble = 0;
    public const byte Segment = 1;
    public const byte Body = 2;
    public const byte End = 3;

    /// <summary>Kind and length.</summary>
    public const int HeadSize = 5;

    /// <summary>The longest content in bytes.</summary>
    public const int MaxContentSize = 64 * 1024;

    /// <summary>The 5 bytes before a content.</summary>
    public static byte[] Head(byte kind, int length)
    {
        var head = new byte[HeadSize];
        head[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), length);
        return head;
    }

    /// <summary>The preamble's content.</summary>
    public static byte[] WritePreamble(DumpPlace place)
    {
        using var writer = new CborWriter(64);
        return writer.Map(4).Key(0).UInt(1)
            .Key(1).Bytes(place.Chip.ToArray())
            .Key(2).UInt(place.Boot)
            .Key(3).UInt(place.Number)
            .ToArray();
    }

    /// <summary>Reads a preamble. Refusals: Malformed, WrongVersion.</summary>
    public static Outcome<DumpPlace> ReadPreamble(ReadOnlySpan<byte> content)
    {
        var reader = new CborReader(content);
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var chip = ChipId.Read(ref reader);
        reader.Key(2);
        var boot = reader.UInt(long.MaxValue);
        reader.Key(3);
        var number = reader.UInt32();
        reader.EndMap();
        return reader.Finish() is { } refusal ? refusal : new DumpPlace(chip, boot, number);
    }

    /// <summary>A segment's content.</summary>
    public static byte[] WriteSegment(SegmentHead segment)
    {
        using var writer = new CborWriter(512);
        return writer.Map(4).Key(0).UInt(1)
            .Key(1).Digest(segment.Owner)
            .Key(2).Digest(segment.Program)
            .Key(3).Bytes(segment.Envelope.Span)
            .ToArray();
    }

    /// <summary>Reads a segment's content. Refusals: Malformed, TooLarge, WrongVersion.</summary>
    public static Outcome<SegmentHead> ReadSegment(ReadOnlySpan<byte> content)
    {
        var reader = new CborReader(content);
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var owner = reader.Digest();
        reader.Key(2);
        var program = reader.Digest();
        reader.Key(3);
        var envelope = reader.Bytes(1, 4096).ToArray();
        reader.EndMap();
        return reader.Finish() is { } refusal ? refusal : new SegmentHead(owner, program, envelope);
    }
}

/// <summary>What stands before a segment's body: whose it is, of which program, and EN of its key.</summary>
public sealed record SegmentHead(Digest Owner, Digest Program, ReadOnlyMemory<byte> Envelope);
