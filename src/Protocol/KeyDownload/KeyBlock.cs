using System.Buffers;
using System.Collections.Immutable;
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
    private const int OptionalHeadSize = 4;

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

        if (ParseBlocks(text, Number(text.AsSpan(12, 2))).Refused(out var blocks, out var why))
        {
            return why;
        }

        var headerSize = FixedHeaderSize + blocks.Sum(block => OptionalHeadSize + block.Data.Length);
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
            blocks.RemoveAll(block => block.Id == PaddingId));
        return new KeyBlock(
            header,
            bytes[..headerSize].ToArray(),
            Convert.FromHexString(rest[..^HexMacSize]),
            Convert.FromHexString(rest[^HexMacSize..]));
    }

    /// <summary>True for usages and modes: digits and capital letters only.</summary>
    public static bool IsWord(string text) => !text.AsSpan().ContainsAnyExcept(Words);

    internal static Refusal Bad(string detail) => new(Reason.BadKeyBlock, detail);

    /// <summary>
    /// The header in characters, padded to whole blocks, for a block with so much encrypted.
    /// </summary>
    internal static byte[] WriteHeader(KeyBlockHeader header, int encryptedSize)
    {
        var blocks = header.Blocks;
        var used = blocks.Sum(block => OptionalHeadSize + block.Data.Length) % BlockSize;
        if (used > 0)
        {
            var size = BlockSize - used;
            size = size < OptionalHeadSize ? size + BlockSize : size;
            blocks = blocks.Add(new OptionalBlock(PaddingId, new string('0', size - OptionalHeadSize)));
        }

        var optional = new StringBuilder();
        foreach (var block in blocks)
        {
            var size = Padded(OptionalHeadSize + block.Data.Length, "X2");
            optional.Append(block.Id).Append(size).Append(block.Data);
        }

        var length = FixedHeaderSize + optional.Length + (2 * encryptedSize) + HexMacSize;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxSize);
        return Encoding.ASCII.GetBytes(
            $"D{Padded(length, "D4")}{header.Usage}{header.Algorithm}{header.Mode}{header.KeyVersion}" +
            $"{header.Exportability}{Padded(blocks.Length, "D2")}00{optional}");
    }

    private static Outcome<ImmutableArray<OptionalBlock>> ParseBlocks(string text, int count)
    {
        var blocks = ImmutableArray.CreateBuilder<OptionalBlock>();
        var at = FixedHeaderSize;
        for (var i = 0; i < count; i++)
        {
            var rest = text.AsSpan(at);
            if (rest.Length < OptionalHeadSize || rest[..2].ContainsAnyExcept(Words) ||
                rest[2..4].ContainsAnyExcept(Hex))
            {
                return Bad("no optional block where one is counted");
            }

            var size = int.Parse(rest[2..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var id = rest[..2].ToString();
            if (size < OptionalHeadSize || size > rest.Length || blocks.Any(block => block.Id == id) ||
                (id == PaddingId && i != count - 1))
            {
                return Bad($"optional block {id} is out of place or size");
            }

            blocks.Add(new OptionalBlock(id, rest[OptionalHeadSize..size].ToString()));
            at += size;
        }

        return count < 0 ? Bad("no count of optional blocks") : blocks.ToImmutable();
    }

    private static int Number(ReadOnlySpan<char> digits) => digits.ContainsAnyExcept(Digits)
        ? -1
        : int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Padded(int number, string format) =>
        number.ToString(format, CultureInfo.InvariantCulture);
}
