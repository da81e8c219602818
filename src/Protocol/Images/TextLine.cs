using System.Buffers.Binary;

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
        // Four sums side by side in 16 bits each; a record is too short to fill one.
        var sums = 0UL;
        while (record.Length >= sizeof(ulong))
        {
            var eight = BinaryPrimitives.ReadUInt64LittleEndian(record);
            sums += (eight & 0x00FF00FF00FF00FF) + ((eight >> 8) & 0x00FF00FF00FF00FF);
            record = record[sizeof(ulong)..];
        }

        var sum = (int)((sums * 0x0001000100010001) >> 48);
        foreach (var value in record)
        {
            sum += value;
        }

        return (byte)sum;
    }

    /// <summary>Writes upper case digits, two a byte, and moves on.</summary>
    public static void Put(ref Span<byte> rest, scoped ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexString(bytes, rest, out var written);
        rest = rest[written..];
    }

    /// <summary>Decodes the digits of a record that was judged before, and moves on.</summary>
    public static void Take(scoped ReadOnlySpan<byte> digits, ref Span<byte> content)
    {
        Convert.FromHexString(digits, content, out _, out var written);
        content = content[written..];
    }
}
