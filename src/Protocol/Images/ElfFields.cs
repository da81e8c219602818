using System.Buffers.Binary;

namespace Keywright.Protocol.Images;

/// <summary>Sizes and places of what ELF calls headers, in either class.</summary>
internal static class ElfFields
{
    public const int IdentSize = 16;
    public const ushort Executable = 2;
    public const ushort Shared = 3;
    public const uint Version = 1;
    public const uint Load = 1;

    public static int HeaderSize(bool is64Bit) => is64Bit ? 64 : 52;

    public static int ProgramHeaderSize(bool is64Bit) => is64Bit ? 56 : 32;

    public static int SectionHeaderSize(bool is64Bit) => is64Bit ? 64 : 40;
}

/// <summary>Reads one header's fields in order; the caller has seen to it that they are there.</summary>
internal ref struct ElfFieldReader(ReadOnlySpan<byte> header, bool is64Bit, bool bigEndian)
{
    private ReadOnlySpan<byte> rest = header;

    public ushort Half() => bigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(Take(2))
        : BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint Word() => bigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(Take(4))
        : BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>An address, offset or size: as wide as the class.</summary>
    public ulong Wide()
    {
        if (!is64Bit)
        {
            return Word();
        }

        return bigEndian
            ? BinaryPrimitives.ReadUInt64BigEndian(Take(8))
            : BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        var taken = rest[..size];
        rest = rest[size..];
        return taken;
    }
}

/// <summary>Writes headers' fields one behind the other.</summary>
internal ref struct ElfFieldWriter(Span<byte> file, bool is64Bit, bool bigEndian)
{
    private Span<byte> rest = file;

    public void Half(ushort value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);
        }
    }

    public void Word(uint value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
        }
    }

    /// <summary>An address, offset or size: as wide as the class; no more than 32 bits are ever needed.</summary>
    public void Wide(uint value)
    {
        if (is64Bit && bigEndian)
        {
            Word(0);
        }

        Word(value);
        if (is64Bit && !bigEndian)
        {
            Word(0);
        }
    }

    public void Bytes(scoped ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    public readonly void MustBeFull()
    {
        if (!rest.IsEmpty)
        {
            throw new InvalidOperationException("The length of an ELF file was reckoned wrong.");
        }
    }

    private Span<byte> Take(int size)
    {
        var taken = rest[..size];
        rest = rest[size..];
        return taken;
    }
}
