using Keywright.Protocol;

namespace Keywright.Storage.Sqlite;

/// <summary>The bucket that a chip's rows lie in, 0–65535: it leads their primary keys, so that they can be spread later.</summary>
internal static class Shard
{
    /// <summary>The first two bytes of H(chip ID), big-endian.</summary>
    public static long Of(ChipId chip)
    {
        Span<byte> hash = stackalloc byte[Digest.Size];
        Digest.Of(chip.ToArray()).CopyTo(hash);
        return (hash[0] << 8) | hash[1];
    }
}
