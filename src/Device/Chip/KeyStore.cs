using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>
/// The write-only key store (docs/spec/chip.md §7): keys by handle, used in here and never read by a command.
/// It lies in flash as the object "keystore" together with its store number c. Store numbers i (issued) and a
/// (shown) in monotonic memory see to it that an older store never comes back and that no power cut, dead
/// station or dead directory bricks the chip.
/// </summary>
public sealed class KeyStore : IDisposable
{
    /// <summary>The most keys there can be.</summary>
    public const int MaxKeys = 128;

    /// <summary>The longest key in bytes.</summary>
    public const int MaxKeySize = 4096;

    /// <summary>The object that holds it; no use case writes this name.</summary>
    public const string ObjectName = "keystore";

    private readonly CommitJournal journal;
    private SortedDictionary<KeyHandle, StoredKey> keys = [];

    private KeyStore(CommitJournal journal) => this.journal = journal;

    /// <summary>Store number c of the store in flash; 0 when there was none yet.</summary>
    public ulong Number { get; private set; }

    /// <summary>
    /// Not null when flash holds neither store number a nor i (StaleBackup): until <see cref="Restore"/>,
    /// only commands that are needed for a recovery run.
    /// </summary>
    public Refusal? RecoveryNeeded { get; private set; }

    /// <summary>
    /// Not null when <see cref="Stage"/> would refuse any draft now: a recovery is needed, or ProofDue. A use case that asks
    /// somebody else for a key looks here first.
    /// </summary>
    public Refusal? ChangeRefused
    {
        get
        {
            var state = journal.Monotonic.State;
            var standsInForProof = state.Lifecycle < Lifecycle.Personalised;
            return RecoveryNeeded ?? (Number == state.StoreShown || standsInForProof
                ? null
                : new Refusal(
                    Reason.ProofDue,
                    $"key store {Number} has changed since a backup was last shown: publish the backup of "
                    + $"store {Number} and show its proof before another change"));
        }
    }

    /// <summary>All keys, without their bytes, by kind and name.</summary>
    public IReadOnlyCollection<StoredKey> Keys => keys.Values;

    /// <summary>A key's attributes. Refusals: UnknownKey.</summary>
    public Outcome<StoredKey> Find(KeyHandle handle) =>
        keys.TryGetValue(handle, out var key) ? key : new Refusal(Reason.UnknownKey, $"no key {handle}");

    /// <summary>
    /// A key for use inside the chip; the caller disposes it. Refusals: UnknownKey, WrongUsage (a length
    /// other than the type's).
    /// </summary>
    public Outcome<TKey> Open<TKey>(KeyHandle handle)
        where TKey : Secret, IDerivedKey<TKey>
    {
        if (Find(handle).Refused(out var key, out var why))
        {
            return why;
        }

        return key.Length == TKey.Size
            ? TKey.FromBytes(key.Material.Expose())
            : new Refusal(Reason.WrongUsage, $"{handle} has {key.Length} bytes, not {TKey.Size}");
    }

    /// <summary>
    /// The bytes of a trust anchor. Refusals: UnknownKey (also for any other kind: those are never read).
    /// </summary>
    public Outcome<byte[]> ReadTrustAnchor(string name)
    {
        var handle = new KeyHandle(KeyKind.TrustAnchor, name);
        return Find(handle).Refused(out var key, out var why) ? why : key.Material.Expose().ToArray();
    }

    /// <summary>Begins a changed copy.</summary>
    public KeyStoreDraft Draft() => new(keys);

    /// <summary>
    /// Makes the draft the store when the transaction commits, under the next store number. Refusals:
    /// ProofDue (the store in flash is not number a, so its backup must be shown first), StoreFull. A refusal
    /// also when a recovery is needed.
    /// </summary>
    public Refusal? Stage(KeyStoreDraft draft, Transaction transaction)
    {
        if (ChangeRefused is { } refused)
        {
            return refused;
        }

        var number = journal.Monotonic.State.StoreIssued + 1;
        using var image = KeyStoreImage.Of(number, draft.Keys.Values);
        if (draft.Keys.Count > MaxKeys || image.Length > KeyStoreImage.MaxSize)
        {
            return new Refusal(
                Reason.StoreFull, $"{draft.Keys.Count} keys of {image.Length} bytes are too many");
        }

        if (transaction.Put(ObjectName, image.Expose()) is { } full)
        {
            return full;
        }

        transaction.StoreNumber = number;
        transaction.First(MonotonicUpdate.Shown(Number));
        transaction.First(MonotonicUpdate.Issued(number));
        transaction.AfterCommit(() => Become(number, draft.Adopt()));
        return null;
    }

    /// <summary>The store as a backup seals it, with its number.</summary>
    public KeyStoreImage Image() => KeyStoreImage.Of(Number, keys.Values);

    /// <summary>
    /// Records that the backup of exactly the store in flash was shown to be public (the caller has verified
    /// the proof): a := c with this commit.
    /// </summary>
    public void MarkShown(Transaction transaction) => transaction.Then(MonotonicUpdate.Shown(Number));

    /// <summary>
    /// Puts back a store that was opened from a backup of this chip; keep the image until the commit.
    /// Refusals: StaleBackup (neither number a nor i), StoreFull.
    /// </summary>
    public Refusal? Restore(KeyStoreImage image, Transaction transaction)
    {
        if (Judge(image.Number, journal.Monotonic.State) is { } stale)
        {
            return stale;
        }

        if (transaction.Put(ObjectName, image.Expose()) is { } full)
        {
            return full;
        }

        transaction.StoreNumber = image.Number;
        transaction.AfterCommit(() => Become(image.Number, KeyStoreDraft.Sorted(image.Keys())));
        return null;
    }

    public void Dispose()
    {
        foreach (var key in keys.Values)
        {
            key.Material.Dispose();
        }
    }

    /// <summary>
    /// Loads the store that flash holds, unless <paramref name="recovery"/> says that its record is not in
    /// force.
    /// </summary>
    internal static KeyStore Load(CommitJournal journal, Refusal? recovery)
    {
        var store = new KeyStore(journal) { RecoveryNeeded = recovery };
        if (journal.SizeOf(ObjectName) < 0)
        {
            return store;
        }

        if (journal.ReadAll(ObjectName).Refused(out var encoded, out var damaged))
        {
            store.RecoveryNeeded = new Refusal(Reason.StaleBackup, damaged.Detail);
            return store;
        }

        var parsed = KeyStoreImage.Parse(encoded);
        CryptographicOperations.ZeroMemory(encoded);
        using var image = parsed.OrThrow();
        store.Become(image.Number, KeyStoreDraft.Sorted(image.Keys()));
        return store;
    }

    /// <summary>
    /// Null when a chip in this state may use the store of this number (docs/spec/chip.md §7).
    /// </summary>
    internal static Refusal? Judge(ulong number, MonotonicState state)
    {
        if (number == 0 && state.Lifecycle >= Lifecycle.Personalised)
        {
            return new Refusal(Reason.StaleBackup, "the flash holds no key store, and the chip had one");
        }

        return number == state.StoreShown || number == state.StoreIssued
            ? null
            : new Refusal(
                Reason.StaleBackup,
                $"store {number} is neither shown ({state.StoreShown}) nor issued ({state.StoreIssued})");
    }

    private void Become(ulong number, SortedDictionary<KeyHandle, StoredKey> next)
    {
        foreach (var gone in keys.Values.Where(key => !next.ContainsValue(key)))
        {
            gone.Material.Dispose();
        }

        keys = next;
        Number = number;
        RecoveryNeeded = null;
    }
}
