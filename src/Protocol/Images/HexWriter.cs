namespace Keywright.Protocol.Images;

/// <summary>Writes Intel HEX lines, upper case, ended by LF, into a span of exactly the right length.</summary>
internal ref struct HexWriter(Span<byte> file)
{
    private Span<byte> rest = file;

    /// <summary>Characters of a line with this many data bytes.</summary>
    public static int LineLength(int dataBytes) => ":LLAAAATTCC\n".Length + (2 * dataBytes);

    public void Line(HexRecordType type, ushort offset, scoped ReadOnlySpan<byte> data)
    {
        var sum = (byte)data.Length + (offset >> 8) + (offset & 0xFF) + (byte)type;
        rest[0] = (byte)':';
        rest = rest[1..];
        Put((byte)data.Length);
        Put((byte)(offset >> 8));
        Put((byte)offset);
        Put((byte)type);
        foreach (var value in data)
        {
            sum += value;
            Put(value);
        }

        Put(unchecked((byte)-sum));
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

    private void Put(byte value) => TextLine.Put(ref rest, value);
}
