using System.Globalization;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// A tile of a log's tree (c2sp.org/tlog-tiles; docs/spec/log.md §5): <paramref name="Width"/> consecutive hashes, each
/// over 256 to the power of <paramref name="Level"/> leaves, from the hash 256 × <paramref name="Index"/> on. Its bytes
/// are the hashes, 32 bytes each.
/// </summary>
public readonly record struct TileId(int Level, long Index, int Width)
{
    /// <summary>Hashes in a tile that is full.</summary>
    public const int FullWidth = 256;

    /// <summary>The highest level that a tree of 2⁶³ − 1 leaves has.</summary>
    public const int MaxLevel = 7;

    private const string Folder = "tile";

    /// <summary>Size in bytes.</summary>
    public int Size => Width * Digest.Size;

    /// <summary>
    /// Where a log serves it, below its prefix: <c>tile/0/x001/x234/067</c>, and <c>.p/WIDTH</c> if not full.
    /// </summary>
    public string Path
    {
        get
        {
            var number = (Index % 1000).ToString("D3", CultureInfo.InvariantCulture);
            for (var rest = Index / 1000; rest > 0; rest /= 1000)
            {
                number = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:D3}/{number}");
            }

            var partial = Width == FullWidth ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{Width}");
            return string.Create(CultureInfo.InvariantCulture, $"{Folder}/{Level}/{number}{partial}");
        }
    }

    /// <summary>
    /// Reads a path that was written so and in no other way. Refused as <see cref="Reason.Malformed"/>.
    /// </summary>
    public static Outcome<TileId> Parse(string path)
    {
        var parts = path.Split(".p/");
        var words = parts[0].Split('/');
        var width = FullWidth;
        if (parts.Length <= 2 && words.Length is > 2 and < 10 && words[0] == Folder
            && TryNumber(words[1], out var level) && level <= MaxLevel
            && (parts.Length == 1 || TryNumber(parts[1], out width)) && width is > 0 and <= FullWidth)
        {
            var index = Int128.Zero;
            foreach (var word in words.AsSpan(2))
            {
                if (!TryNumber(word.TrimStart('x'), out var thousands) || thousands > 999)
                {
                    return Bad(path);
                }

                index = (index * 1000) + thousands;
            }

            if (index <= long.MaxValue && new TileId(level, (long)index, width) is var tile && tile.Path == path)
            {
                return tile;
            }
        }

        return Bad(path);
    }

    /// <summary>
    /// The tiles of a tree of this size, level by level: full ones, and a partial one where hashes are over.
    /// </summary>
    public static IEnumerable<TileId> Of(long treeSize)
    {
        var hashes = treeSize;
        for (var level = 0; hashes > 0; level++)
        {
            for (var index = 0L; index < hashes / FullWidth; index++)
            {
                yield return new TileId(level, index, FullWidth);
            }

            if (hashes % FullWidth > 0)
            {
                yield return new TileId(level, hashes / FullWidth, (int)(hashes % FullWidth));
            }

            hashes /= FullWidth;
        }
    }

    /// <summary>The bytes of a tile with these hashes.</summary>
    public static byte[] Content(ReadOnlySpan<Digest> hashes)
    {
        var bytes = new byte[hashes.Length * Digest.Size];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * Digest.Size));
        }

        return bytes;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static Refusal Bad(string path) => new(Reason.Malformed, $"{path} is no tile");
}
