using System.Security.Cryptography;
using System.Text;
using Keywright.Protocol;

namespace Keywright.Device.Chip;

/// <summary>
/// One change of the object store: large objects stream through <see cref="Create"/> and <see
/// cref="Append"/>, small ones are handed to <see cref="Put"/>; nothing is changed before <see
/// cref="Commit"/>, and without it nothing ever is (only pages that were free anyway have been written).
/// Refusals: StoreFull.
/// </summary>
public sealed class Transaction : IDisposable
{
    private readonly CommitJournal journal;
    private readonly byte[] salt;
    private readonly Dictionary<string, StoredObject> objects;
    private readonly List<StoredObject> written = [];
    private readonly List<(StoredObject Target, byte[] Content)> late = [];
    private readonly List<MonotonicUpdate> before = [];
    private readonly List<MonotonicUpdate> after = [];
    private readonly List<Action> committed = [];
    private readonly byte[] page;
    private uint nextNonce;
    private StoredObject? open;
    private int appended;
    private bool closed;

    internal Transaction(CommitJournal journal, byte[] salt)
    {
        this.journal = journal;
        this.salt = salt;
        objects = new Dictionary<string, StoredObject>(journal.Objects);
        StoreNumber = journal.StoreNumber;
        page = GC.AllocateUninitializedArray<byte>(journal.PageContent, pinned: true);
    }

    /// <summary>Number of the key store that this commit leaves in flash.</summary>
    internal ulong StoreNumber { get; set; }

    /// <summary>
    /// Makes room for an object of <paramref name="size"/> bytes, in place of any of this name; <see
    /// cref="Append"/> fills it, to the last byte, before anything else is created. Null, or StoreFull.
    /// </summary>
    public Refusal? Create(string name, int size)
    {
        EndObject();
        if (Reserve(name, size).Refused(out var target, out var why))
        {
            return why;
        }

        open = target;
        appended = 0;
        return null;
    }

    /// <summary>The next bytes of the object created last; more than its size is a bug.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        if (open is null || data.Length > open.Size - appended)
        {
            throw new InvalidOperationException("More was appended than was created.");
        }

        while (!data.IsEmpty)
        {
            var (index, within) = Math.DivRem(appended, page.Length);
            var count = Math.Min(data.Length, page.Length - within);
            data[..count].CopyTo(page.AsSpan(within));
            data = data[count..];
            appended += count;
            if (within + count == page.Length || appended == open.Size)
            {
                WritePage(open, index, page.AsSpan(0, within + count));
            }
        }
    }

    /// <summary>
    /// A small object, in place of any of this name. Its bytes are sealed and written when committing.
    /// </summary>
    public Refusal? Put(string name, ReadOnlySpan<byte> content)
    {
        EndObject();
        if (Reserve(name, content.Length).Refused(out var target, out var why))
        {
            return why;
        }

        var copy = GC.AllocateUninitializedArray<byte>(content.Length, pinned: true);
        content.CopyTo(copy);
        late.Add((target, copy));
        return null;
    }

    /// <summary>Removes an object; one that is not there is no matter.</summary>
    public void Delete(string name) => objects.Remove(name);

    /// <summary>
    /// Raises a register as soon as the commit begins: before the switch, and even when the switch is never
    /// reached.
    /// </summary>
    public void First(MonotonicUpdate update) => before.Add(update);

    /// <summary>
    /// Raises a register with this commit: after the switch, or at the next boot; never without the switch.
    /// </summary>
    public void Then(MonotonicUpdate update)
    {
        after.Add(update);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(after.Count, CommitRecord.MaxUpdates, nameof(update));
    }

    /// <summary>Runs when the commit is done: for what is held in memory beside the store.</summary>
    public void AfterCommit(Action act) => committed.Add(act);

    /// <summary>
    /// Makes it so. After a power cut in here the chip boots as before or as after. An update that the
    /// registers do not take is a bug, and so is a commit without a key store that personalises the chip or
    /// follows on stale flash: then nothing has changed.
    /// </summary>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(closed, this);
        EndObject();
        RequireSound();
        before.ForEach(journal.Raise);
        foreach (var (target, content) in late)
        {
            for (var (index, offset) = (0, 0); offset < content.Length; index++, offset += page.Length)
            {
                WritePage(
                    target, index, content.AsSpan(offset, Math.Min(page.Length, content.Length - offset)));
            }
        }

        journal.Switch(new CommitRecord(journal.Sequence + 1, objects, after, StoreNumber), salt);
        committed.ForEach(act => act());
        Dispose();
    }

    /// <summary>Without a commit: leaves everything as it was.</summary>
    public void Dispose()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        journal.TransactionOpen = false;
        CryptographicOperations.ZeroMemory(page);
        late.ForEach(put => CryptographicOperations.ZeroMemory(put.Content));
    }

    private void RequireSound()
    {
        var now = journal.Monotonic.State;
        var then = before.Concat(after).Aggregate(now, (state, update) => state.After(update));
        var personalises = then.Lifecycle > now.Lifecycle && then.Lifecycle >= Lifecycle.Personalised;
        if ((personalises || !journal.InForce) && !objects.ContainsKey(KeyStore.ObjectName))
        {
            throw new InvalidOperationException(
                "A personalised chip, and one that recovers, has no commit without a key store.");
        }
    }

    private Outcome<StoredObject> Reserve(string name, int size)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfZero(name.Length, nameof(name));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            Encoding.UTF8.GetByteCount(name), CommitJournal.MaxNameSize, nameof(name));
        var needed = ((long)size + page.Length - 1) / page.Length;
        var free = journal.FreePages(written);
        if (needed > free.Count)
        {
            return new Refusal(Reason.StoreFull, $"{name} needs {needed} pages, {free.Count} are free");
        }

        var pages = (int)needed;

        var target = new StoredObject(name, size, salt, nextNonce, Extents(free.GetRange(0, pages)));
        var next = new Dictionary<string, StoredObject>(objects) { [name] = target };
        if (!journal.Fits(next))
        {
            return new Refusal(Reason.StoreFull, $"{name} is one object too many");
        }

        objects[name] = target;
        written.Add(target);
        nextNonce += (uint)pages;
        return target;
    }

    private void WritePage(StoredObject target, int index, ReadOnlySpan<byte> content)
    {
        var flashPage = target.PageAt(index);
        var bytes = new byte[Words.RoundUp(content.Length + JournalSeal.TagSize)];
        journal.Seal.SealPage(salt, target.FirstNonce + (uint)index, target.Name, index, content, bytes);
        journal.Flash.ErasePage(flashPage);
        Words.Program(journal.Flash, flashPage * journal.Flash.PageSize, bytes);
    }

    private void EndObject()
    {
        if (open is not null && appended != open.Size)
        {
            throw new InvalidOperationException(
                $"{open.Name} was created with {open.Size} bytes and has {appended}.");
        }

        open = null;
    }

    private static Extent[] Extents(List<int> pages)
    {
        var extents = new List<Extent>();
        foreach (var page in pages)
        {
            if (extents.Count > 0 && extents[^1].Start + extents[^1].Count == page)
            {
                extents[^1] = extents[^1] with { Count = extents[^1].Count + 1 };
            }
            else
            {
                extents.Add(new Extent(page, 1));
            }
        }

        return [.. extents];
    }
}
