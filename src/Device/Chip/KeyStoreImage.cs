using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>
/// A whole key store as bytes, with its store number inside (docs/spec/chip.md §7): what flash holds sealed,
/// and what a backup seals. CBOR: {0: 1, 1: number, 2: [* [kind, name, usage, algorithm, version, key]]},
/// sorted by kind and name; the same store gives the same bytes.
/// </summary>
public sealed class KeyStoreImage : Secret
{
    /// <summary>The largest image in bytes.</summary>
    public const int MaxSize = 65536;

    private KeyStoreImage(ReadOnlySpan<byte> encoded)
        : base(encoded)
    {
    }

    /// <summary>Store number c.</summary>
    public ulong Number { get; private init; }

    /// <summary>Takes the bytes of an image. Refusals: Malformed, TooLarge, WrongVersion.</summary>
    public static Outcome<KeyStoreImage> Parse(ReadOnlySpan<byte> encoded)
    {
        var refusal = Read(encoded, out var number, out var keys);
        keys.ForEach(key => key.Material.Dispose());
        return refusal is null ? new KeyStoreImage(encoded) { Number = number } : refusal;
    }

    /// <summary>The keys inside; the caller wipes them.</summary>
    internal IReadOnlyList<StoredKey> Keys()
    {
        Read(Expose(), out _, out var keys);
        return keys;
    }

    internal static KeyStoreImage Of(ulong number, IReadOnlyCollection<StoredKey> keys)
    {
        using var writer = new CborWriter(4096);
        writer.Map(3).Key(0).UInt(1).Key(1).UInt(number).Key(2).Array(keys.Count);
        foreach (var key in keys)
        {
            writer.Array(6).UInt((ulong)key.Handle.Kind).Text(key.Handle.Name);
            writer.Text(key.Attributes.Usage).Text(key.Attributes.Algorithm).UInt(key.Attributes.Version);
            writer.Bytes(key.Material.Expose());
        }

        return new KeyStoreImage(writer.Written) { Number = number };
    }

    private static Refusal? Read(ReadOnlySpan<byte> encoded, out ulong number, out List<StoredKey> keys)
    {
        var reader = new CborReader(encoded);
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        number = reader.UInt(ulong.MaxValue);
        reader.Key(2);
        keys = [];
        for (var count = reader.Array(0, KeyStore.MaxKeys); count > 0 && !reader.Failed; count--)
        {
            var key = ReadKey(ref reader);
            if (keys.Count > 0 && keys[^1].Handle >= key.Handle)
            {
                reader.Refuse(Reason.Malformed, "keys out of order");
            }

            keys.Add(key);
        }

        reader.EndArray();
        reader.EndMap();
        return reader.Finish();
    }

    private static StoredKey ReadKey(ref CborReader reader)
    {
        reader.Array(6, 6);
        var kind = (KeyKind)reader.UInt((ulong)KeyKind.TrustAnchor);
        if (kind == 0)
        {
            reader.Refuse(Reason.Malformed, "a key without a kind");
        }

        var handle = new KeyHandle(kind, reader.Text(1, KeyHandle.MaxName));
        var attributes = new KeyAttributes(
            reader.Text(0, KeyAttributes.MaxText), reader.Text(0, KeyAttributes.MaxText), reader.UInt32());
        var material = new KeyMaterial(reader.Bytes(1, KeyStore.MaxKeySize));
        reader.EndArray();
        return new StoredKey(handle, attributes, material);
    }
}
