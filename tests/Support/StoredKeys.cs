using Keywright.Device.Chip;
using Keywright.Protocol.Cbor;

namespace Keywright.TestSupport;

/// <summary>The keys that a chip keeps, read out of its store as docs/spec/chip.md §7 lays it out.</summary>
internal static class StoredKeys
{
    private const ulong TrustAnchor = 5;

    /// <summary>All of them but the owners' public ones.</summary>
    public static void AddTo(KnownSecrets known, ChipState chip)
    {
        using var image = chip.KeyStore.Image();
        var reader = new CborReader(image.Expose());
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        reader.UInt(ulong.MaxValue);
        reader.Key(2);
        for (var left = reader.Array(0, KeyStore.MaxKeys); left > 0; left--)
        {
            reader.Array(6, 6);
            var (kind, name) = (reader.UInt(TrustAnchor), reader.Text(1, 48));
            reader.Text(0, 16);
            reader.Text(0, 16);
            reader.UInt32();
            var key = reader.Bytes(1, KeyStore.MaxKeySize);
            reader.EndArray();
            if (kind != TrustAnchor)
            {
                known.Add($"stored key {kind} {name} of {chip.Immutable.ChipId}", key);
            }
        }

        reader.EndArray();
        reader.EndMap();
        Assert.Null(reader.Finish());
    }
}
