using Keywright.Protocol.Images;

namespace Keywright.Protocol.Firmware;

/// <summary>
/// What a File holds once it is opened (docs/spec/programming.md §5.2): the device's key and the program with
/// that key in its zones. It exists in the site's and in the station's memory for a moment; wiped on dispose.
/// </summary>
public sealed class ProgramContent : IDisposable
{
    /// <summary>The kid of a first K_D.</summary>
    public const uint FirstKid = 1;

    /// <summary>Names the key among the device's.</summary>
    public required uint Kid { get; init; }

    /// <summary>K_D.</summary>
    public required DeviceKey Key { get; init; }

    /// <summary>The device's IDs; the first is its identity.</summary>
    public required IReadOnlyList<DeviceId> Devices { get; init; }

    /// <summary>What the device is one of.</summary>
    public required string Product { get; init; }

    public required string DeviceType { get; init; }

    public required ImageEncoding Encoding { get; init; }

    /// <summary>The program file, in that encoding.</summary>
    public required ProgramFile Image { get; init; }

    public void Dispose()
    {
        Key.Dispose();
        Image.Dispose();
    }
}

/// <summary>How a program file is written: Intel HEX, or raw bytes from a base address on.</summary>
/// <param name="Kind">The format.</param>
/// <param name="BaseAddress">Where raw bytes begin; 0 for the others.</param>
public sealed record ImageEncoding(ImageKind Kind, uint BaseAddress)
{
    public static ImageEncoding Hex { get; } = new(ImageKind.IntelHex, 0);

    /// <summary>Raw bytes from an address on.</summary>
    public static ImageEncoding Raw(uint baseAddress) => new(ImageKind.Raw, baseAddress);

    /// <summary>
    /// A program file that says its format, as Files carry it: Intel HEX unchanged, S-record and ELF as the Intel HEX
    /// of the same image (docs/spec/images.md §6). Refused: BadImage, TooLarge.
    /// </summary>
    public static Outcome<byte[]> HexOf(byte[] file)
    {
        if (ImageFormat.Recognise(file).Refused(out var format, out var why))
        {
            return why;
        }

        if (format is IntelHex)
        {
            return file;
        }

        return format.Read(file).Refused(out var image, out why) ? why : IntelHex.Format.Write(image);
    }

    /// <summary>The reader and writer of this encoding.</summary>
    public ImageFormat Format => Kind switch
    {
        ImageKind.IntelHex => IntelHex.Format,
        ImageKind.Raw => new RawBinary(BaseAddress),
        _ => throw new InvalidOperationException($"An image of kind {Kind}."),
    };
}

/// <summary>The formats of program files on the wire.</summary>
public enum ImageKind
{
    IntelHex = 1,
    Raw = 2,
}
