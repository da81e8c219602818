using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// The optional blocks in the header of a key block, ANSI X9.143 §6.2 (docs/spec/keydownload.md §3.1): ID (2
/// characters), length of all (2 hexadecimal digits; or 00, a count of digits in two, and so many digits),
/// data.
/// </summary>
internal static class OptionalBlocks
{
    private const int ShortHeadSize = 4;
    private const int MaxShortSize = 0xFF;
    private const int ExtendedDigits = 4;
    private const int MaxDigits = 8;
    private const int ExtendedHeadSize = ShortHeadSize + 2 + ExtendedDigits;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789ABCDEF");

    /// <summary>
    /// Reads <paramref name="count"/> blocks and the characters that they take. Refused as
    /// <see cref="Reason.BadKeyBlock"/>.
    /// </summary>
    public static Outcome<(ImmutableArray<OptionalBlock> Blocks, int Size)> Parse(ReadOnlySpan<char> text, int count)
    {
        if (count < 0)
        {
            return KeyBlock.Bad("no count of optional blocks");
        }

        var blocks = ImmutableArray.CreateBuilder<OptionalBlock>();
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var rest = text[at..];
            if (rest.Length < ShortHeadSize || !KeyBlock.IsWord(rest[..2]) ||
                !TryReadSize(rest, out var headSize, out var size))
            {
                return KeyBlock.Bad("no optional block where one is counted");
            }

            var id = rest[..2].ToString();
            if (size < headSize || size > rest.Length || blocks.Any(block => block.Id == id) ||
                (id == KeyBlock.PaddingId && i != count - 1))
            {
                return KeyBlock.Bad($"optional block {id} is out of place or size");
            }

            blocks.Add(new OptionalBlock(id, rest[headSize..size].ToString()));
            at += size;
        }

        return (blocks.ToImmutable(), at);
    }

    /// <summary>
    /// Writes the blocks, and a last one that fills up to whole cipher blocks where it takes one; counts
    /// them.
    /// </summary>
    public static (string Text, int Count) Write(ImmutableArray<OptionalBlock> blocks)
    {
        var text = new StringBuilder();
        foreach (var block in blocks)
        {
            Append(text, block);
        }

        var used = text.Length % KeyBlock.BlockSize;
        if (used == 0)
        {
            return (text.ToString(), blocks.Length);
        }

        var fill = KeyBlock.BlockSize - used;
        fill = fill < ShortHeadSize ? fill + KeyBlock.BlockSize : fill;
        Append(text, new OptionalBlock(KeyBlock.PaddingId, new string('0', fill - ShortHeadSize)));
        return (text.ToString(), blocks.Length + 1);
    }

    private static void Append(StringBuilder text, OptionalBlock block)
    {
        var size = ShortHeadSize + block.Data.Length;
        _ = size <= MaxShortSize
            ? text.Append(CultureInfo.InvariantCulture, $"{block.Id}{size:X2}{block.Data}")
            : text.Append(
                CultureInfo.InvariantCulture,
                $"{block.Id}00{ExtendedDigits:X2}{ExtendedHeadSize + block.Data.Length:X4}{block.Data}");
    }

    private static bool TryReadSize(ReadOnlySpan<char> block, out int headSize, out int size)
    {
        headSize = ShortHeadSize;
        if (!TryReadHex(block, 2, 2, out size) || size != 0)
        {
            return size != 0;
        }

        if (!TryReadHex(block, ShortHeadSize, 2, out var digits) || digits is 0 or > MaxDigits)
        {
            return false;
        }

        headSize = ShortHeadSize + 2 + digits;
        return TryReadHex(block, ShortHeadSize + 2, digits, out size);
    }

    private static bool TryReadHex(ReadOnlySpan<char> text, int at, int digits, out int value)
    {
        value = 0;
        return text.Length >= at + digits && !text.Slice(at, digits).ContainsAnyExcept(Hex) &&
            int.TryParse(
                text.Slice(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) &&
            value >= 0;
    }
}
