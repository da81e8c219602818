using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Images;

/// <summary>
/// A program file format (docs/spec/images.md §2): <see cref="IntelHex"/>, <see cref="SRecord"/>, <see cref="Elf"/> or
/// <see cref="RawBinary"/>. Reading judges the whole file before a byte of content is allocated, and the content is
/// allocated once, at its exact size.
/// </summary>
public abstract class ImageFormat
{
    private protected ImageFormat()
    {
    }

    /// <summary>
    /// The format of a file that says so itself, by its first bytes: <c>:</c> Intel HEX, <c>S</c> S-record, 0x7F
    /// <c>ELF</c>. What it gives for an ELF file writes for the same target. Refused: <c>bad-image</c> for anything
    /// else (raw bytes say nothing of themselves), and for a broken ELF file as by its reader.
    /// </summary>
    public static Outcome<ImageFormat> Recognise(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("\u007fELF"u8))
        {
            return Elf.TargetOf(file).Refused(out var target, out var why) ? why : new Elf(target);
        }

        return file.IsEmpty ? Unknown() : file[0] switch
        {
            (byte)':' => IntelHex.Format,
            (byte)'S' => SRecord.Format,
            _ => Unknown(),
        };
    }

    /// <summary>
    /// Reads a program without secrets. Refused: <c>bad-image</c> for what breaks the format,
    /// <c>too-large</c> above the limits of §1.
    /// </summary>
    public Outcome<MemoryImage> Read(ReadOnlySpan<byte> file)
    {
        if (Measure(file).Refused(out var layout, out var why))
        {
            return why;
        }

        var content = GC.AllocateUninitializedArray<byte>(layout.ContentLength);
        Load(file, content);
        return new MemoryImage(layout, content);
    }

    /// <summary>Reads a program with keys in it, into memory that is wiped. Refused as <see cref="Read"/>.</summary>
    public Outcome<SecretImage> ReadSecret(ReadOnlySpan<byte> file)
    {
        if (Measure(file).Refused(out var layout, out var why))
        {
            return why;
        }

        using var content = new WipedBuffer(layout.ContentLength);
        Load(file, content.Bytes);
        return new SecretImage(layout, content);
    }

    /// <summary>Writes a program without secrets. Refused: what the format cannot carry (§2 of each format).</summary>
    public Outcome<byte[]> Write(MemoryImage image)
    {
        if (FileLength(image.Layout).Refused(out var length, out var why))
        {
            return why;
        }

        var file = GC.AllocateUninitializedArray<byte>(length);
        Store(image.Layout, image.Content, file);
        return file;
    }

    /// <summary>Writes a program with keys in it, into memory that is wiped. Refused as the other writer.</summary>
    public Outcome<ProgramFile> Write(SecretImage image)
    {
        if (FileLength(image.Layout).Refused(out var length, out var why))
        {
            return why;
        }

        using var file = new WipedBuffer(length);
        Store(image.Layout, image.Expose(), file.Bytes);
        return new ProgramFile(file);
    }

    /// <summary>Judges the whole file and says where its bytes will lie.</summary>
    private protected abstract Outcome<ImageLayout> Measure(ReadOnlySpan<byte> file);

    /// <summary>Fills <paramref name="content"/> from a file that was measured.</summary>
    private protected abstract void Load(ReadOnlySpan<byte> file, Span<byte> content);

    /// <summary>The exact length in bytes of the file for a layout.</summary>
    private protected abstract Outcome<int> FileLength(ImageLayout layout);

    /// <summary>Fills <paramref name="file"/>, which has that length.</summary>
    private protected abstract void Store(ImageLayout layout, ReadOnlySpan<byte> content, Span<byte> file);

    private static Refusal Unknown() =>
        new(Reason.BadImage, "neither Intel HEX nor S-record nor ELF; for raw bytes, give the base address");
}
