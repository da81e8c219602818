using System.Collections.Immutable;

namespace Keywright.Protocol.Images;

/// <summary>
/// The headers of an ELF file, judged in the order of docs/spec/images.md §8.2: what it is made for, and
/// which of its bytes are loaded where.
/// </summary>
internal sealed record ElfFile(ElfTarget Target, StartAddress? Start, ImmutableArray<ElfFile.Piece> Pieces)
{
    private const int ClassAt = 4;
    private const int DataAt = 5;
    private const int VersionAt = 6;

    /// <summary>
    /// Bytes of the file from <paramref name="Offset"/> on, which stand at <paramref name="Address"/>.
    /// </summary>
    internal readonly record struct Piece(uint Address, int Offset, int Length);

    /// <summary>
    /// Judges all headers. Refused: <c>bad-image</c>, <c>too-large</c> above 256 MiB or 4096 program headers.
    /// </summary>
    public static Outcome<ElfFile> Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length > Elf.MaxFileBytes)
        {
            return new Refusal(Reason.TooLarge, $"more than {Elf.MaxFileBytes} bytes of file");
        }

        if (file.Length < ElfFields.IdentSize || !file.StartsWith("\u007fELF"u8)
            || file[ClassAt] is not (1 or 2) || file[DataAt] is not (1 or 2) || file[VersionAt] != ElfFields.Version)
        {
            return Bad("not an ELF file of 32 or 64 bits, version 1");
        }

        var is64Bit = file[ClassAt] == 2;
        var bigEndian = file[DataAt] == 2;
        if (file.Length < ElfFields.HeaderSize(is64Bit))
        {
            return Bad("the header is cut short");
        }

        var fields = new ElfFieldReader(file[ElfFields.IdentSize..], is64Bit, bigEndian);
        var type = fields.Half();
        var machine = fields.Half();
        var version = fields.Word();
        var entry = fields.Wide();
        var tableOffset = fields.Wide();
        _ = fields.Wide();
        var flags = fields.Word();
        _ = fields.Half();
        var entrySize = fields.Half();
        var entries = fields.Half();
        if (type is not (ElfFields.Executable or ElfFields.Shared)
            || version != ElfFields.Version || entry > uint.MaxValue)
        {
            return Bad("no executable, of another version, or its entry lies above 2^32");
        }

        var table = Table(file, tableOffset, entrySize, entries, ElfFields.ProgramHeaderSize(is64Bit));
        if (table.Refused(out var range, out var why)
            || ReadPieces(file, range, is64Bit, bigEndian).Refused(out var pieces, out why))
        {
            return why;
        }

        StartAddress? start = entry == 0 ? null : new StartAddress((uint)entry, Segmented: false);
        return new ElfFile(new ElfTarget(is64Bit, bigEndian, machine, flags), start, pieces);
    }

    private static Outcome<Range> Table(
        ReadOnlySpan<byte> file, ulong offset, ushort entrySize, ushort entries, int expectedSize)
    {
        if (entries > ImageLayout.MaxSegments)
        {
            return new Refusal(Reason.TooLarge, $"{entries} program headers");
        }

        if (entries == 0 || entrySize != expectedSize)
        {
            return Bad("no program headers, or of another size");
        }

        var size = entries * expectedSize;
        return IsInside(file, offset, (ulong)size)
            ? new Range((int)offset, (int)offset + size)
            : Bad("the program headers leave the file");
    }

    private static Outcome<ImmutableArray<Piece>> ReadPieces(
        ReadOnlySpan<byte> file, Range table, bool is64Bit, bool bigEndian)
    {
        var size = ElfFields.ProgramHeaderSize(is64Bit);
        var pieces = ImmutableArray.CreateBuilder<Piece>();
        for (var rest = file[table]; !rest.IsEmpty; rest = rest[size..])
        {
            var fields = new ElfFieldReader(rest, is64Bit, bigEndian);
            var type = fields.Word();
            if (is64Bit)
            {
                _ = fields.Word();
            }

            var offset = fields.Wide();
            _ = fields.Wide();
            var address = fields.Wide();
            var inFile = fields.Wide();
            var inMemory = fields.Wide();
            if (type != ElfFields.Load)
            {
                continue;
            }

            if (!IsInside(file, offset, inFile) || inMemory < inFile)
            {
                return Bad("a segment leaves the file, or is smaller in memory than there");
            }

            if (inFile > 0 && (address > uint.MaxValue || address + inFile > ImageLayout.AddressSpaceEnd))
            {
                return Bad($"a segment at 0x{address:X8} leaves the 32-bit address space");
            }

            if (inFile > 0)
            {
                pieces.Add(new Piece((uint)address, (int)offset, (int)inFile));
            }
        }

        // The table is in order of virtual addresses; the image is in order of physical ones.
        pieces.Sort((one, other) => one.Address.CompareTo(other.Address));
        return pieces.ToImmutable();
    }

    private static bool IsInside(ReadOnlySpan<byte> file, ulong offset, ulong length) =>
        offset <= (ulong)file.Length && length <= (ulong)file.Length - offset;

    private static Refusal Bad(string detail) => new(Reason.BadImage, detail);
}
