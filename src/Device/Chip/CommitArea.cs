using System.Buffers.Binary;

namespace Keywright.Device.Chip;

/// <summary>
/// One of the two places for a commit record (docs/spec/chip.md §6.2): "KWJ1" ‖ length of the record (4
/// bytes) ‖ 8 zero bytes ‖ salt (16 bytes) ‖ sealed record ‖ tag, filled up with zeros to a whole word.
/// </summary>
internal sealed class CommitArea(IFlash flash, JournalSeal seal, int firstPage, int pages)
{
    /// <summary>Bytes of an area, rounded up to whole pages.</summary>
    public const int AreaSize = 16384;

    private const int HeaderSize = 16;
    private const int Overhead = HeaderSize + JournalSeal.SaltSize + JournalSeal.TagSize;

    private static ReadOnlySpan<byte> Magic => "KWJ1"u8;

    /// <summary>The largest record that fits.</summary>
    public int Capacity => (pages * flash.PageSize) - Overhead;

    /// <summary>The record that stands here; null when none does, or one that was torn or changed.</summary>
    public CommitRecord? Load()
    {
        Span<byte> header = stackalloc byte[HeaderSize + JournalSeal.SaltSize];
        var address = firstPage * flash.PageSize;
        flash.Read(address, header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (!header.StartsWith(Magic)
            || length > Capacity
            || header[8..HeaderSize].ContainsAnyExcept((byte)0))
        {
            return null;
        }

        var sealedRecord = new byte[length + JournalSeal.TagSize];
        flash.Read(address + header.Length, sealedRecord);
        var record = new byte[length];
        return seal.OpenRecord(header[HeaderSize..], sealedRecord, record)
            ? CommitRecord.Decode(record)
            : null;
    }

    /// <summary>Replaces what stands here, word by word.</summary>
    public void Write(CommitRecord record, ReadOnlySpan<byte> salt)
    {
        var encoded = record.Encode();
        var bytes = new byte[Words.RoundUp(Overhead + encoded.Length)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), (uint)encoded.Length);
        salt.CopyTo(bytes.AsSpan(HeaderSize));
        seal.SealRecord(salt, encoded, bytes.AsSpan(HeaderSize + JournalSeal.SaltSize));
        for (var page = 0; page * flash.PageSize < bytes.Length; page++)
        {
            flash.ErasePage(firstPage + page);
        }

        Words.Program(flash, firstPage * flash.PageSize, bytes);
    }
}

/// <summary>Whole words of flash.</summary>
internal static class Words
{
    public static int RoundUp(int size) => (size + IFlash.WordSize - 1) / IFlash.WordSize * IFlash.WordSize;

    /// <summary>Programs whole words from the lowest address on.</summary>
    public static void Program(IFlash flash, int address, ReadOnlySpan<byte> bytes)
    {
        for (var offset = 0; offset < bytes.Length; offset += IFlash.WordSize)
        {
            flash.ProgramWord(address + offset, bytes.Slice(offset, IFlash.WordSize));
        }
    }
}
