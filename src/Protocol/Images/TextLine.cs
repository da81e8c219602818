namespace Keywright.Protocol.Images;

/// <summary>Lines of hexadecimal digits, as Intel HEX and S-record share them.</summary>
internal static class TextLine
{
    /// <summary>Cuts the next line off, without its LF or CR LF; the last one may have neither.</summary>
    public static ReadOnlySpan<byte> Cut(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return end >= 0 && line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    /// <summary>The sum of a record's bytes, of which its checksum keeps the lowest eight bits.</summary>
    public static byte Sum(ReadOnlySpan<byte> record)
    {
        var sum = 0;
        foreach (var value in record)
        {
            sum += value;
        }

        return (byte)sum;
    }

    /// <summary>Writes two upper case digits and moves on.</summary>
    public static void Put(ref Span<byte> rest, byte value)
    {
        var digits = "0123456789ABCDEF"u8;
        rest[0] = digits[value >> 4];
        rest[1] = digits[value & 0xF];
        rest = rest[2..];
    }
}
