using System.Buffers.Binary;

namespace Keywright.Protocol.Images;

/// <summary>Writes S-record lines, upper case, ended by LF, into a span of exactly the right length.</summary>
internal ref struct SRecordWriter(Span<byte> file)
{
    private Span<byte> rest = file;

    /// <summary>Characters of a line of this type with this many data bytes.</summary>
    public static int LineLength(int type, int dataBytes) =>
        "STLLCC\n".Length + (2 * (SRecordReader.AddressBytes(type) + dataBytes));

    public void Line(int type, uint number, scoped ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[1 + sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(head[1..], number);
        head = head[^(1 + SRecordReader.AddressBytes(type))..];
        head[0] = (byte)(head.Length + data.Length);
        rest[0] = (byte)'S';
        rest[1] = (byte)('0' + type);
        rest = rest[2..];
        TextLine.Put(ref rest, head);
        TextLine.Put(ref rest, data);
        TextLine.Put(ref rest, [unchecked((byte)~(TextLine.Sum(head) + TextLine.Sum(data)))]);
        rest[0] = (byte)'\n';
        rest = rest[1..];
    }

    public readonly void MustBeFull()
    {
        if (!rest.IsEmpty)
        {
            throw new InvalidOperationException("The length of an S-record file was reckoned wrong.");
        }
    }
}
