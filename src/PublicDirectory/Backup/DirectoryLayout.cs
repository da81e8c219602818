using Keywright.Protocol;

namespace Keywright.PublicDirectory.Backup;

/// <summary>Where everything lies (docs/spec/backup.md §7.1).</summary>
internal static class DirectoryLayout
{
    /// <summary>The log's verifier key and a newline.</summary>
    public const string LogKey = "log-key";

    /// <summary>The signed checkpoint.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>All leaf hashes, 32 bytes each, in order.</summary>
    public const string Leaves = "leaves";

    /// <summary>The tree in tiles, by the paths of docs/spec/log.md §5.</summary>
    public const string Tiles = "tile";

    /// <summary>What is being published: the one line that will stand in the chip's list.</summary>
    public const string Publishing = "publishing";

    public const string Chips = "chip";
    public const string Issuers = "issuer";
    public const string IssuerSuffix = ".issuer";
    public const string OrderKeySuffix = ".order-key";
    public const string EntrySuffix = ".entry";

    private const string ListName = "entries";

    /// <summary>A chip's folder: two levels by the first random bytes of its ID.</summary>
    public static string Folder(ChipId chip)
    {
        var hex = chip.ToString();
        return $"{Chips}/{hex[2..4]}/{hex[4..6]}/{hex}";
    }

    /// <summary>A chip's list: one line for each of its entries, oldest first.</summary>
    public static string List(ChipId chip) => $"{Folder(chip)}/{ListName}";

    /// <summary>An entry, named by its leaf hash.</summary>
    public static string Entry(ChipId chip, Digest leafHash) => $"{Folder(chip)}/{leafHash}{EntrySuffix}";

    public static string Issuer(Digest issuer) => $"{Issuers}/{issuer}{IssuerSuffix}";

    public static string OrderKey(Digest issuer) => $"{Issuers}/{issuer}{OrderKeySuffix}";

    public static bool IsList(string path) => path.EndsWith($"/{ListName}", StringComparison.Ordinal);
}
