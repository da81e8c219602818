using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>
/// The object store in flash (docs/spec/chip.md §6): named sealed objects, changed by transactions of which
/// each takes effect whole or not at all. Data goes to free pages, one commit record switches, monotonic
/// updates of the commit follow and are rolled forward at boot. Flash put back as a whole is not noticed
/// here: the store numbers notice it.
/// </summary>
public sealed class CommitJournal
{
    /// <summary>The longest object name in UTF-8 bytes.</summary>
    public const int MaxNameSize = 48;

    /// <summary>The most objects there can be.</summary>
    public const int MaxObjects = CommitRecord.MaxObjects;

    private readonly JournalSeal seal;
    private readonly IEntropy entropy;
    private readonly CommitArea[] areas;
    private CommitRecord record;
    private int area;

    /// <summary>Finds the newest whole commit record; where there is none, the store is empty.</summary>
    internal CommitJournal(ISilicon silicon, StoreRoot root, IEntropy entropy)
    {
        Flash = silicon.Flash;
        Monotonic = silicon.Monotonic;
        this.entropy = entropy;
        seal = new JournalSeal(root);
        var areaPages = (CommitArea.AreaSize + Flash.PageSize - 1) / Flash.PageSize;
        FirstDataPage = 2 * areaPages;
        ArgumentOutOfRangeException.ThrowIfLessThan(Flash.PageCount, FirstDataPage + 1, nameof(silicon));
        areas = [new(Flash, seal, 0, areaPages), new(Flash, seal, areaPages, areaPages)];
        var records = areas.Select(each => each.Load()).ToArray();
        area = (records[1]?.Sequence ?? 0) > (records[0]?.Sequence ?? 0) ? 1 : 0;
        record = records[area] ?? CommitRecord.Empty;
    }

    /// <summary>All object names, in order.</summary>
    public IReadOnlyList<string> Names => [.. record.Objects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>How many commits there have been.</summary>
    public ulong Sequence => record.Sequence;

    /// <summary>Bytes that a new object could still have.</summary>
    public int FreeBytes => FreePages([]).Count * PageContent;

    /// <summary>Number of the key store in flash; 0 when there is none.</summary>
    internal ulong StoreNumber => record.StoreNumber;

    /// <summary>
    /// False when flash was judged at boot and found stale, and no store was restored since.
    /// </summary>
    internal bool InForce { get; private set; } = true;

    internal IFlash Flash { get; }

    internal IMonotonic Monotonic { get; }

    internal int FirstDataPage { get; }

    /// <summary>Content bytes of one page: the rest is its tag.</summary>
    internal int PageContent => Flash.PageSize - JournalSeal.TagSize;

    internal JournalSeal Seal => seal;

    internal IReadOnlyDictionary<string, StoredObject> Objects => record.Objects;

    internal bool TransactionOpen { get; set; }

    /// <summary>Size of an object in bytes; −1 when there is none of this name.</summary>
    public int SizeOf(string name) => record.Objects.TryGetValue(name, out var stored) ? stored.Size : -1;

    /// <summary>
    /// Fills <paramref name="destination"/> from <paramref name="offset"/> on and gives how many bytes there
    /// were. Refusals: UnknownEntry, BadSeal (the flash was changed from outside; the destination is wiped).
    /// </summary>
    public Outcome<int> Read(string name, int offset, Span<byte> destination)
    {
        if (!record.Objects.TryGetValue(name, out var stored))
        {
            return new Refusal(Reason.UnknownEntry, $"no object {name} in flash");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var total = Math.Clamp(stored.Size - offset, 0, destination.Length);
        var content = GC.AllocateUninitializedArray<byte>(PageContent, pinned: true);
        var whole = false;
        try
        {
            for (var done = 0; done < total;)
            {
                var (index, within) = Math.DivRem(offset + done, PageContent);
                if (OpenPage(stored, index, content).Refused(out var size, out var why))
                {
                    return why;
                }

                var count = Math.Min(size - within, total - done);
                content.AsSpan(within, count).CopyTo(destination[done..]);
                done += count;
            }

            whole = true;
            return total;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            CryptographicOperations.ZeroMemory(whole ? [] : destination);
        }
    }

    /// <summary>
    /// A whole object; the caller wipes it when it is secret. Refusals: UnknownEntry, BadSeal.
    /// </summary>
    public Outcome<byte[]> ReadAll(string name)
    {
        var content = GC.AllocateUninitializedArray<byte>(Math.Max(SizeOf(name), 0), pinned: true);
        return Read(name, 0, content).Refused(out _, out var why) ? why : content;
    }

    /// <summary>Begins a transaction; there is one at a time.</summary>
    public Transaction Begin()
    {
        if (TransactionOpen)
        {
            throw new InvalidOperationException("A transaction is open already.");
        }

        var salt = new byte[JournalSeal.SaltSize];
        entropy.Fill(salt);
        TransactionOpen = true;
        return new Transaction(this, salt);
    }

    /// <summary>
    /// Judges the record that was found and, when it may be in force, brings the registers up to it: what a
    /// power cut after it left undone. Refusals: StaleBackup; no register has moved then, and there are no
    /// objects.
    /// </summary>
    internal Refusal? TakeUp()
    {
        var refusal = Judge();
        if (refusal is null)
        {
            RollForward();
        }
        else
        {
            InForce = false;
            record = CommitRecord.Empty with { Sequence = record.Sequence };
        }

        return refusal;
    }

    /// <summary>The switch: after the record's last word the new state is what is.</summary>
    internal void Switch(CommitRecord next, byte[] salt)
    {
        Flash.Sync();
        areas[1 - area].Write(next, salt);
        Flash.Sync();
        area = 1 - area;
        record = next;
        InForce = true;
        RollForward();
    }

    internal void Raise(MonotonicUpdate update)
    {
        var state = Monotonic.State;
        if (!ReferenceEquals(state.After(update), state))
        {
            Monotonic.Apply(update);
        }
    }

    /// <summary>
    /// True when a record of these objects, with as many updates as there may be, fits its area.
    /// </summary>
    internal bool Fits(IReadOnlyDictionary<string, StoredObject> objects) =>
        objects.Count <= MaxObjects
        && new CommitRecord(record.Sequence + 1, objects, [], ulong.MaxValue).Encode().Length
            <= areas[0].Capacity - (CommitRecord.MaxUpdates * MonotonicUpdate.MaxSize);

    /// <summary>
    /// Data pages that neither the record nor <paramref name="taken"/> holds, lowest first.
    /// </summary>
    internal List<int> FreePages(IEnumerable<StoredObject> taken)
    {
        var used = new bool[Flash.PageCount];
        foreach (var extent in record.Objects.Values.Concat(taken).SelectMany(stored => stored.Extents))
        {
            used.AsSpan(extent.Start, extent.Count).Fill(true);
        }

        var pages = Enumerable.Range(FirstDataPage, Flash.PageCount - FirstDataPage);
        return [.. pages.Where(page => !used[page])];
    }

    private Refusal? Judge()
    {
        var state = Monotonic.State;
        if (record.Sequence == 0 && state.Lifecycle > Lifecycle.Blank)
        {
            return new Refusal(Reason.StaleBackup, "the flash has lost all that was in it");
        }

        if (KeyStore.Judge(record.StoreNumber, state) is { } stale)
        {
            return stale;
        }

        try
        {
            _ = record.Updates.Aggregate(state, (next, update) => next.After(update));
            return null;
        }
        catch (InvalidOperationException contradiction)
        {
            return new Refusal(Reason.StaleBackup, $"the flash is of another past: {contradiction.Message}");
        }
    }

    private Outcome<int> OpenPage(StoredObject stored, int index, Span<byte> content)
    {
        var size = Math.Min(PageContent, stored.Size - (index * PageContent));
        var sealedPage = new byte[size + JournalSeal.TagSize];
        Flash.Read(stored.PageAt(index) * Flash.PageSize, sealedPage);
        return seal.OpenPage(stored, index, sealedPage, content[..size])
            ? size
            : new Refusal(Reason.BadSeal, $"page {index} of {stored.Name} in flash is not what was stored");
    }

    private void RollForward()
    {
        foreach (var update in record.Updates)
        {
            Raise(update);
        }
    }
}
