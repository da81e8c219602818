using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Keywright.Protocol.Images;

/// <summary>
/// Intel HEX (docs/spec/images.md §3): text lines <c>:LLAAAATT…CC</c> with record types 00–05. The reader takes upper
/// and lower case digits, lines ended by LF or CRLF, addresses in ascending order, and nothing else. The writer gives
/// the one canonical text: upper case, LF, records of 16 bytes from the start of each segment, 04 records.
/// </summary>
/// <remarks>
/// Refused: <c>bad-image</c> for any broken record (form, length, checksum, type), data out of order or overlapping, a
/// second start address, a missing end record, anything behind it, or no data at all; <c>too-large</c> above the
/// limits of §1 or 256 MiB of text.
/// </remarks>
public sealed class IntelHex : ImageFormat
{
    /// <summary>The largest file read, in bytes of text: 256 MiB.</summary>
    public const int MaxTextBytes = 256 << 20;

    private const int BytesPerLine = 16;
    private const int PageBytes = 0x10000;

    private static readonly Range TypeDigits = ":LLAAAA".Length..":LLAAAATT".Length;
    private static readonly Range DataDigits = ":LLAAAATT".Length..^"CC".Length;

    /// <summary>The format; it has no options.</summary>
    public static IntelHex Format { get; } = new();

    private IntelHex()
    {
    }

    private protected override Outcome<ImageLayout> Measure(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaxTextBytes)
        {
            return new Refusal(Reason.TooLarge, $"more than {MaxTextBytes} bytes of text");
        }

        Span<byte> room = stackalloc byte[HexReader.MaxRecordBytes];
        var reader = new HexReader(file, room);
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
            if (line[TypeDigits].SequenceEqual("00"u8))
            {
                TextLine.Take(line[DataDigits], ref content);
            }
        }
    }

    private protected override Outcome<int> FileLength(ImageLayout layout)
    {
        var length = HexWriter.LineLength(0) + (layout.Start is null ? 0 : HexWriter.LineLength(4));
        var page = 0u;
        foreach (var segment in layout.Segments)
        {
            for (var rest = segment; rest.Length > 0;)
            {
                var here = FirstOnOnePage(rest);
                length += here.Address >> 16 == page ? 0 : HexWriter.LineLength(2);
                page = here.Address >> 16;
                length += (here.Length / BytesPerLine * HexWriter.LineLength(BytesPerLine))
                    + (here.Length % BytesPerLine == 0 ? 0 : HexWriter.LineLength(here.Length % BytesPerLine));
                rest = Behind(rest, here);
            }
        }

        return length;
    }

    private protected override void Store(ImageLayout layout, ReadOnlySpan<byte> content, Span<byte> file)
    {
        var writer = new HexWriter(file);
        Span<byte> word = stackalloc byte[4];
        var page = 0u;
        foreach (var segment in layout.Segments)
        {
            for (var rest = segment; rest.Length > 0;)
            {
                var line = FirstOnOnePage(rest);
                line = line with { Length = Math.Min(line.Length, BytesPerLine) };
                if (line.Address >> 16 != page)
                {
                    page = line.Address >> 16;
                    BinaryPrimitives.WriteUInt16BigEndian(word, (ushort)page);
                    writer.Line(HexRecordType.LinearBase, 0, word[..2]);
                }

                writer.Line(HexRecordType.Data, (ushort)line.Address, content[..line.Length]);
                content = content[line.Length..];
                rest = Behind(rest, line);
            }
        }

        if (layout.Start is { } start)
        {
            BinaryPrimitives.WriteUInt32BigEndian(word, start.Value);
            writer.Line(start.Segmented ? HexRecordType.SegmentedStart : HexRecordType.LinearStart, 0, word);
        }

        writer.Line(HexRecordType.End, 0, []);
        writer.MustBeFull();
    }

    private static Segment FirstOnOnePage(Segment run) =>
        run with { Length = Math.Min(run.Length, PageBytes - (ushort)run.Address) };

    private static Segment Behind(Segment run, Segment first) =>
        new(unchecked(run.Address + (uint)first.Length), run.Length - first.Length);
}
