using System.Security.Cryptography;

namespace Keywright.Protocol.Images;

/// <summary>
/// Motorola S-record (docs/spec/images.md §7): text lines <c>STLLAA…DD…CC</c>. The reader takes an optional
/// header S0, data in one of S1, S2 and S3, an optional count S5 or S6, and S9, S8 or S7 to match. The writer
/// gives the one canonical text: an empty S0, records of 16 bytes of the least type that reaches all
/// addresses, a count, an end.
/// </summary>
/// <remarks>
/// Refused: <c>bad-image</c> for any broken record (form, type, length, checksum), a header that is not
/// first, mixed types, a wrong count, data out of order or overlapping, a missing end, anything behind it, or
/// no data at all;
/// <c>too-large</c> above the limits of §1 or 256 MiB of text.
/// </remarks>
public sealed class SRecord : ImageFormat
{
    /// <summary>The largest file read, in bytes of text: 256 MiB.</summary>
    public const int MaxTextBytes = IntelHex.MaxTextBytes;

    private const int BytesPerLine = 16;
    private const int HeaderType = 0;

    /// <summary>The format; it has no options.</summary>
    public static SRecord Format { get; } = new();

    private SRecord()
    {
    }

    private protected override Outcome<ImageLayout> Measure(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaxTextBytes)
        {
            return new Refusal(Reason.TooLarge, $"more than {MaxTextBytes} bytes of text");
        }

        Span<byte> room = stackalloc byte[SRecordReader.MaxRecordBytes];
        var reader = new SRecordReader(file, room);
        var layout = new LayoutBuilder();
        while (reader.NextData(out var fault))
        {
            fault ??= layout.Add(reader.Address, reader.Data.Length);
            if (fault is not null)
            {
                CryptographicOperations.ZeroMemory(room);
                return fault with { Detail = $"line {reader.Line}: {fault.Detail}" };
            }
        }

        CryptographicOperations.ZeroMemory(room);
        return layout.Build(reader.Start);
    }

    private protected override void Load(ReadOnlySpan<byte> file, Span<byte> content)
    {
        while (!file.IsEmpty)
        {
            var line = TextLine.Cut(ref file);
            if (line[1] is (byte)'1' or (byte)'2' or (byte)'3')
            {
                TextLine.Take(line[SRecordReader.DataDigits(line[1] - '0')], ref content);
            }
        }
    }

    private protected override Outcome<int> FileLength(ImageLayout layout)
    {
        var type = DataType(layout);
        var length = SRecordWriter.LineLength(HeaderType, 0)
            + SRecordWriter.LineLength(CountType(layout), 0)
            + SRecordWriter.LineLength(EndType(type), 0);
        foreach (var segment in layout.Segments)
        {
            length += (segment.Length / BytesPerLine * SRecordWriter.LineLength(type, BytesPerLine))
                + (segment.Length % BytesPerLine == 0
                    ? 0
                    : SRecordWriter.LineLength(type, segment.Length % BytesPerLine));
        }

        return length;
    }

    private protected override void Store(ImageLayout layout, ReadOnlySpan<byte> content, Span<byte> file)
    {
        var type = DataType(layout);
        var writer = new SRecordWriter(file);
        writer.Line(HeaderType, 0, []);
        foreach (var segment in layout.Segments)
        {
            for (var done = 0; done < segment.Length;)
            {
                var size = Math.Min(segment.Length - done, BytesPerLine);
                writer.Line(type, segment.Address + (uint)done, content[..size]);
                content = content[size..];
                done += size;
            }
        }

        writer.Line(CountType(layout), DataRecords(layout), []);
        writer.Line(EndType(type), layout.Start?.Linear ?? 0, []);
        writer.MustBeFull();
    }

    /// <summary>1, 2 or 3: the least that reaches the last byte and the start address.</summary>
    private static int DataType(ImageLayout layout) =>
        Math.Max(layout.Segments[^1].End - 1, layout.Start?.Linear ?? 0) switch
        {
            <= 0xFFFF => 1,
            <= 0xFFFFFF => 2,
            _ => 3,
        };

    private static int EndType(int dataType) => 10 - dataType;

    private static int CountType(ImageLayout layout) => DataRecords(layout) <= ushort.MaxValue ? 5 : 6;

    // At most 64 MiB / 16 + 4096: always within the 24 bits of S6.
    private static uint DataRecords(ImageLayout layout) =>
        (uint)layout.Segments.Sum(segment => (segment.Length + BytesPerLine - 1) / BytesPerLine);
}
