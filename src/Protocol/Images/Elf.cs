namespace Keywright.Protocol.Images;

/// <summary>
/// ELF (docs/spec/images.md §8), 32 or 64 bits, either byte order. A reader takes what the file loads
/// (<c>PT_LOAD</c>) at its physical addresses, and the entry as start address. The writer gives the least
/// that loaders and tools take: one loaded segment for each of the image, and a section over each; symbols
/// and what else the read file had are gone.
/// </summary>
/// <remarks>
/// Refused: <c>bad-image</c> for no executable ELF, headers or segments that leave the file, addresses above
/// 2³², segments that overlap, or nothing to load; <c>too-large</c> above the limits of §1, 4096 program
/// headers, or 256 MiB of file.
/// </remarks>
public sealed class Elf(ElfTarget target) : ImageFormat
{
    /// <summary>The largest file read, in bytes: 256 MiB.</summary>
    public const int MaxFileBytes = 256 << 20;

    private const uint ReadAndExecute = 5;
    private const uint ProgramBits = 1;
    private const uint StringTable = 3;
    private const uint Allocated = 2;

    /// <summary>What the file is made for: to write a patched image as it came. Refused as reading.</summary>
    public static Outcome<ElfTarget> TargetOf(ReadOnlySpan<byte> file) =>
        ElfFile.Parse(file).Refused(out var parsed, out var why) ? why : parsed.Target;

    private protected override Outcome<ImageLayout> Measure(ReadOnlySpan<byte> file)
    {
        if (ElfFile.Parse(file).Refused(out var parsed, out var why))
        {
            return why;
        }

        var layout = new LayoutBuilder();
        foreach (var piece in parsed.Pieces)
        {
            if (layout.Add(piece.Address, piece.Length) is { } fault)
            {
                return fault;
            }
        }

        return layout.Build(parsed.Start);
    }

    private protected override void Load(ReadOnlySpan<byte> file, Span<byte> content)
    {
        foreach (var piece in ElfFile.Parse(file).OrThrow().Pieces)
        {
            file.Slice(piece.Offset, piece.Length).CopyTo(content);
            content = content[piece.Length..];
        }
    }

    private protected override Outcome<int> FileLength(ImageLayout layout) =>
        SectionsAt(layout) + ((layout.Segments.Length + 2) * ElfFields.SectionHeaderSize(target.Is64Bit));

    private protected override void Store(ImageLayout layout, ReadOnlySpan<byte> content, Span<byte> file)
    {
        var writer = new ElfFieldWriter(file, target.Is64Bit, target.BigEndian);
        WriteHeader(ref writer, layout);
        for (var i = 0; i < layout.Segments.Length; i++)
        {
            WriteProgramHeader(ref writer, layout.Segments[i], ContentAt(layout) + layout.OffsetOf(i));
        }

        writer.Bytes(content);
        writer.Bytes(SectionNames);
        WriteSections(ref writer, layout);
        writer.MustBeFull();
    }

    private static ReadOnlySpan<byte> SectionNames => "\0.load\0.shstrtab\0"u8;

    private int ContentAt(ImageLayout layout) =>
        ElfFields.HeaderSize(target.Is64Bit) + (layout.Segments.Length * ElfFields.ProgramHeaderSize(target.Is64Bit));

    private int NamesAt(ImageLayout layout) => ContentAt(layout) + layout.ContentLength;

    private int SectionsAt(ImageLayout layout) => NamesAt(layout) + SectionNames.Length;

    private void WriteHeader(ref ElfFieldWriter writer, ImageLayout layout)
    {
        writer.Bytes("\u007fELF"u8);
        writer.Bytes([(byte)(target.Is64Bit ? 2 : 1), (byte)(target.BigEndian ? 2 : 1), (byte)ElfFields.Version]);
        writer.Bytes(stackalloc byte[ElfFields.IdentSize - 7]);
        writer.Half(ElfFields.Executable);
        writer.Half(target.Machine);
        writer.Word(ElfFields.Version);
        writer.Wide(layout.Start?.Linear ?? 0);
        writer.Wide((uint)ElfFields.HeaderSize(target.Is64Bit));
        writer.Wide((uint)SectionsAt(layout));
        writer.Word(target.Flags);
        writer.Half((ushort)ElfFields.HeaderSize(target.Is64Bit));
        writer.Half((ushort)ElfFields.ProgramHeaderSize(target.Is64Bit));
        writer.Half((ushort)layout.Segments.Length);
        writer.Half((ushort)ElfFields.SectionHeaderSize(target.Is64Bit));
        writer.Half((ushort)(layout.Segments.Length + 2));
        writer.Half((ushort)(layout.Segments.Length + 1));
    }

    private void WriteProgramHeader(ref ElfFieldWriter writer, Segment segment, int at)
    {
        writer.Word(ElfFields.Load);
        if (target.Is64Bit)
        {
            writer.Word(ReadAndExecute);
        }

        writer.Wide((uint)at);
        writer.Wide(segment.Address);
        writer.Wide(segment.Address);
        writer.Wide((uint)segment.Length);
        writer.Wide((uint)segment.Length);
        if (!target.Is64Bit)
        {
            writer.Word(ReadAndExecute);
        }

        writer.Wide(1);
    }

    private void WriteSections(ref ElfFieldWriter writer, ImageLayout layout)
    {
        WriteSection(ref writer, "", 0, 0, 0, 0, 0);
        for (var i = 0; i < layout.Segments.Length; i++)
        {
            var (address, length) = layout.Segments[i];
            WriteSection(
                ref writer, ".load", ProgramBits, Allocated, address, ContentAt(layout) + layout.OffsetOf(i), length);
        }

        WriteSection(ref writer, ".shstrtab", StringTable, 0, 0, NamesAt(layout), SectionNames.Length);
    }

    private static void WriteSection(
        ref ElfFieldWriter writer, string name, uint type, uint flags, uint address, int at, int length)
    {
        Span<byte> text = stackalloc byte[name.Length];
        System.Text.Encoding.ASCII.GetBytes(name, text);
        writer.Word(name.Length == 0 ? 0 : (uint)SectionNames.IndexOf(text));
        writer.Word(type);
        writer.Wide(flags);
        writer.Wide(address);
        writer.Wide((uint)at);
        writer.Wide((uint)length);
        writer.Word(0);
        writer.Word(0);
        writer.Wide(type == 0 ? 0u : 1u);
        writer.Wide(0);
    }
}
