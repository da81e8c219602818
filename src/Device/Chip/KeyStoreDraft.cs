using Keywright.Protocol;

namespace Keywright.Device.Chip;

/// <summary>
/// A changed copy of the key store, on its way into a commit by <see cref="KeyStore.Stage"/>.
/// </summary>
public sealed class KeyStoreDraft : IDisposable
{
    private readonly List<StoredKey> added = [];
    private bool adopted;

    internal KeyStoreDraft(SortedDictionary<KeyHandle, StoredKey> keys) =>
        Keys = new SortedDictionary<KeyHandle, StoredKey>(keys);

    internal SortedDictionary<KeyHandle, StoredKey> Keys { get; }

    /// <summary>
    /// Stores a copy of the key bytes under the handle, in place of any key there. Refusals: TooLarge (name,
    /// attributes or key), Malformed (no name, no bytes).
    /// </summary>
    public Refusal? Put(KeyHandle handle, KeyAttributes attributes, ReadOnlySpan<byte> key)
    {
        if (!handle.IsValid || key.IsEmpty)
        {
            return new Refusal(
                Reason.Malformed, "a key needs a kind, a name of 1–48 bytes and at least one byte");
        }

        if (!attributes.IsValid || key.Length > KeyStore.MaxKeySize)
        {
            return new Refusal(
                Reason.TooLarge, $"{handle}: attributes or key of {key.Length} bytes are too long");
        }

        var stored = new StoredKey(handle, attributes, new KeyMaterial(key));
        added.Add(stored);
        Keys[handle] = stored;
        return null;
    }

    /// <summary>Removes a key; one that is not there is no matter.</summary>
    public void Remove(KeyHandle handle) => Keys.Remove(handle);

    /// <summary>Wipes what was put here, unless it has become the store.</summary>
    public void Dispose()
    {
        if (!adopted)
        {
            added.ForEach(key => key.Material.Dispose());
        }
    }

    internal SortedDictionary<KeyHandle, StoredKey> Adopt()
    {
        adopted = true;
        added.Where(key => !Keys.ContainsValue(key)).ToList().ForEach(key => key.Material.Dispose());
        return Keys;
    }

    internal static SortedDictionary<KeyHandle, StoredKey> Sorted(IEnumerable<StoredKey> keys) =>
        new(keys.ToDictionary(key => key.Handle));
}
