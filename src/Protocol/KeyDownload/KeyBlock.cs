using System.Buffers;
using System.Globalization;
using System.Text;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// An ANSI X9.143 key block of version D as it stands, not yet verified: header (16 characters and optional
/// blocks), encrypted key and MAC (16 bytes each), these in upper-case hexadecimal. Everything that is not
/// one, and every key that is not AES, is refused as <see cref="Reason.BadKeyBlock"/>
/// (docs/spec/keydownload.md §3).
/// </summary>
public sealed class KeyBlock
{
    /// <summary>The longest key block that is read, in characters.</summary>
    public const int MaxSize = 1024;

    internal const int FixedHeaderSize = 16;
    internal const int MacSize = 16;
    internal const int BlockSize = 16;
    internal const string PaddingId = "PB";

    private const int HexMacSize = 2 * MacSize;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789ABCDEF");
    private static readonly SearchValues<char> Words =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private KeyBlock(KeyBlockHeader header, byte[] headerBytes, byte[] encrypted, byte[] mac)
    {
        Header = header;
        HeaderBytes = headerBytes;
        Encrypted = encrypted;
        Mac = mac;
    }

    /// <summary>What the block says of its key; true only once the block is opened.</summary>
    public KeyBlockHeader Header { get; }

    internal byte[] HeaderBytes { get; }

    internal byte[] Encrypted { get; }

    internal byte[] Mac { get; }

    /// <summary>Reads the form of a block. Refused as <see cref="Reason.BadKeyBlock"/>.</summary>
    public static Outcome<KeyBlock> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is > MaxSize or < FixedHeaderSize ||
            bytes.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
        {
            return Bad("not 16 to 1024 printable characters");
        }

        var text = Encoding.ASCII.GetString(bytes);
        if (text[0] != 'D' || Number(text.AsSpan(1, 4)) != text.Length)
        {
            return Bad("not version D, or not as long as it says");
        }

        if (text.AsSpan(5, 7).ContainsAnyExcept(Words) || text[7] != 'A' || text[14..16] != "00")
        {
            return Bad("not the header of an AES key");
        }

        if (OptionalBlocks.Parse(text.AsSpan(FixedHeaderSize), Number(text.AsSpan(12, 2)))
            .Refused(out var optional, out var why))
        {
            return why;
        }

        var headerSize = FixedHeaderSize + optional.Size;
        var rest = text.AsSpan(headerSize);
        if (headerSize % BlockSize != 0 || rest.ContainsAnyExcept(Hex) ||
            rest.Length % (2 * BlockSize) != 0 || rest.Length < (2 * BlockSize) + HexMacSize)
        {
            return Bad("not whole blocks of hexadecimal after the header");
        }

        var header = new KeyBlockHeader(
            text[5..7],
            text[7],
            text[8],
            text[9..11],
            text[11],
            optional.Blocks.RemoveAll(block => block.Id == PaddingId));
        return new KeyBlock(
            header,
            bytes[..headerSize].ToArray(),
            Convert.FromHexString(rest[..^HexMacSize]),
            Convert.FromHexString(rest[^HexMacSize..]));
    }

    /// <summary>True for usages and modes: digits and capital letters only.</summary>
    public static bool IsWord(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Words);

    internal static Refusal Bad(string detail) => new(Reason.BadKeyBlock, detail);

    /// <summary>
    /// The header in characters, padded to whole blocks, for a block with so much encrypted.
    /// </summary>
    internal static byte[] WriteHeader(KeyBlockHeader header, int encryptedSize)
    {
        var (optional, count) = OptionalBlocks.Write(header.Blocks);
        var length = FixedHeaderSize + optional.Length + (2 * encryptedSize) + HexMacSize;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxSize);
        return Encoding.ASCII.GetBytes(
            $"D{Padded(length, "D4")}{header.Usage}{header.Algorithm}{header.Mode}{header.KeyVersion}" +
            $"{header.Exportability}{Padded(count, "D2")}00{optional}");
    }

    private static int Number(ReadOnlySpan<char> digits) => digits.ContainsAnyExcept(Digits)
        ? -1
        : int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Padded(int number, string format) =>
        number.ToString(format, CultureInfo.InvariantCulture);
}
