namespace Keywright.Protocol.Images;

/// <summary>Writes Intel HEX lines, upper case, ended by LF, into a span of exactly the right length.</summary>
internal ref struct HexWriter(Span<byte> file)
{
    private Span<byte> rest = file;

    /// <summary>Characters of a line with this many data bytes.</summary>
    public static int LineLength(int dataBytes) => ":LLAAAATTCC\n".Length + (2 * dataBytes);

    public void Line(HexRecordType type, ushort offset, scoped ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> head = [(byte)data.Length, (byte)(offset >> 8), (byte)offset, (byte)type];
        rest[0] = (byte)':';
        rest = rest[1..];
        TextLine.Put(ref rest, head);
        TextLine.Put(ref rest, data);
        TextLine.Put(ref rest, [unchecked((byte)-(TextLine.Sum(head) + TextLine.Sum(data)))]);
        rest[0] = (byte)'\n';
        rest = rest[1..];
    }

    public readonly void MustBeFull()
    {
        if (!rest.IsEmpty)
        {
            throw new InvalidOperationException("The length of an Intel HEX file was reckoned wrong.");
        }
    }
}
