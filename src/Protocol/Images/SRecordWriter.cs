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
        var numberBytes = SRecordReader.AddressBytes(type);
        var length = (byte)(numberBytes + data.Length + 1);
        rest[0] = (byte)'S';
        rest[1] = (byte)('0' + type);
        rest = rest[2..];
        TextLine.Put(ref rest, length);
        var sum = length + TextLine.Sum(data);
        for (var i = numberBytes - 1; i >= 0; i--)
        {
            var part = (byte)(number >> (8 * i));
            sum += part;
            TextLine.Put(ref rest, part);
        }

        foreach (var value in data)
        {
            TextLine.Put(ref rest, value);
        }

        TextLine.Put(ref rest, unchecked((byte)~sum));
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
