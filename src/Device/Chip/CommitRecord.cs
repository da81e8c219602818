using Keywright.Protocol.Cbor;

namespace Keywright.Device.Chip;

/// <summary>Consecutive pages.</summary>
internal readonly record struct Extent(int Start, int Count);

/// <summary>
/// Where a sealed object lies. Page p of it is sealed under the key of <see cref="Salt"/> with nonce
/// <see cref="FirstNonce"/> + p.
/// </summary>
internal sealed record StoredObject(string Name, int Size, byte[] Salt, uint FirstNonce, Extent[] Extents)
{
    /// <summary>The flash page that holds page number <paramref name="index"/> of the object.</summary>
    public int PageAt(int index)
    {
        foreach (var extent in Extents)
        {
            if (index < extent.Count)
            {
                return extent.Start + index;
            }

            index -= extent.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(index));
    }
}

/// <summary>
/// What a commit switches to: all objects, the number of the key store among them, and the monotonic updates
/// that belong to this commit (docs/spec/chip.md §6). CBOR: {0: 1, 1: sequence, 2: [* [name, size, salt,
/// first nonce, [+ start, count]]], 3: [* update], 4: store number}.
/// </summary>
internal sealed record CommitRecord(
    ulong Sequence,
    IReadOnlyDictionary<string, StoredObject> Objects,
    IReadOnlyList<MonotonicUpdate> Updates,
    ulong StoreNumber)
{
    public const int MaxObjects = 96;
    public const int MaxUpdates = 16;

    public static readonly CommitRecord Empty = new(0, new Dictionary<string, StoredObject>(), [], 0);

    public byte[] Encode()
    {
        using var writer = new CborWriter(1024);
        writer.Map(5).Key(0).UInt(1).Key(1).UInt(Sequence);
        writer.Key(2).Array(Objects.Count);
        foreach (var stored in Objects.Values.OrderBy(stored => stored.Name, StringComparer.Ordinal))
        {
            Write(writer, stored);
        }

        writer.Key(3).Array(Updates.Count);
        foreach (var update in Updates)
        {
            update.Write(writer);
        }

        writer.Key(4).UInt(StoreNumber);
        return writer.ToArray();
    }

    /// <summary>Reads a record that has been authenticated: a fault in it is our own bug.</summary>
    public static CommitRecord Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new CborReader(encoded);
        reader.Map(5);
        reader.Version(1);
        reader.Key(1);
        var sequence = reader.UInt(ulong.MaxValue);
        reader.Key(2);
        var objects = new Dictionary<string, StoredObject>();
        for (var count = reader.Array(0, MaxObjects); count > 0; count--)
        {
            var stored = ReadObject(ref reader);
            objects[stored.Name] = stored;
        }

        reader.EndArray();
        reader.Key(3);
        var updates = new MonotonicUpdate[reader.Array(0, MaxUpdates)];
        for (var i = 0; i < updates.Length; i++)
        {
            updates[i] = MonotonicUpdate.Read(ref reader);
        }

        reader.EndArray();
        reader.Key(4);
        var storeNumber = reader.UInt(ulong.MaxValue);
        reader.EndMap();
        return reader.Finish() is { } why
            ? throw new InvalidOperationException($"A commit record of our own is {why}")
            : new CommitRecord(sequence, objects, updates, storeNumber);
    }

    private static void Write(CborWriter writer, StoredObject stored)
    {
        writer.Array(5).Text(stored.Name).UInt((ulong)stored.Size).Bytes(stored.Salt).UInt(stored.FirstNonce);
        writer.Array(stored.Extents.Length * 2);
        foreach (var extent in stored.Extents)
        {
            writer.UInt((ulong)extent.Start).UInt((ulong)extent.Count);
        }
    }

    private static StoredObject ReadObject(ref CborReader reader)
    {
        reader.Array(5, 5);
        var name = reader.Text(1, CommitJournal.MaxNameSize);
        var size = (int)reader.UInt(int.MaxValue);
        var salt = reader.Bytes(JournalSeal.SaltSize).ToArray();
        var firstNonce = reader.UInt32();
        var extents = new Extent[reader.Array(0, int.MaxValue) / 2];
        for (var i = 0; i < extents.Length; i++)
        {
            extents[i] = new Extent((int)reader.UInt(int.MaxValue), (int)reader.UInt(int.MaxValue));
        }

        reader.EndArray();
        reader.EndArray();
        return new StoredObject(name, size, salt, firstNonce, extents);
    }
}
