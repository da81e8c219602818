using Keywright.Device.Chip;

namespace Keywright.Chips;

/// <summary>
/// Flash in memory. A page that was never programmed costs nothing, and a snapshot shares all pages with its
/// origin.
/// </summary>
public sealed class MemoryFlash : IFlash
{
    private const byte Erased = 0xFF;

    private readonly byte[]?[] pages;
    private readonly bool[] shared;

    public MemoryFlash(int pageCount, int pageSize)
        : this(new byte[]?[pageCount], pageSize)
    {
    }

    private MemoryFlash(byte[]?[] pages, int pageSize)
    {
        this.pages = pages;
        PageSize = pageSize;
        shared = new bool[pages.Length];
        shared.AsSpan().Fill(true);
    }

    public int PageSize { get; }

    public int PageCount => pages.Length;

    /// <summary>A copy as it is now; both go on by themselves.</summary>
    public MemoryFlash Snapshot()
    {
        shared.AsSpan().Fill(true);
        return new MemoryFlash([.. pages], PageSize);
    }

    public void Read(int address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var (page, within) = Math.DivRem(address, PageSize);
            var count = Math.Min(PageSize - within, destination.Length);
            if (pages[page] is { } content)
            {
                content.AsSpan(within, count).CopyTo(destination);
            }
            else
            {
                destination[..count].Fill(Erased);
            }

            destination = destination[count..];
            address += count;
        }
    }

    public void ErasePage(int page) => pages[page] = null;

    public void ProgramWord(int address, ReadOnlySpan<byte> word)
    {
        RequireErased(address, word);
        var (page, within) = Math.DivRem(address, PageSize);
        word.CopyTo(Own(page).AsSpan(within, IFlash.WordSize));
    }

    public void Sync()
    {
    }

    /// <summary>Puts a page's content, as a driver that has it from elsewhere.</summary>
    internal void Load(int page, ReadOnlySpan<byte> content)
    {
        if (content.ContainsAnyExcept(Erased))
        {
            content.CopyTo(Own(page));
        }
    }

    /// <summary>Throws where programming this word at this place would be a bug.</summary>
    private void RequireErased(int address, ReadOnlySpan<byte> word)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(word.Length, IFlash.WordSize, nameof(word));
        ArgumentOutOfRangeException.ThrowIfNotEqual(address % IFlash.WordSize, 0, nameof(address));
        var (page, within) = Math.DivRem(address, PageSize);
        if (pages[page] is { } content
            && content.AsSpan(within, IFlash.WordSize).ContainsAnyExcept(Erased))
        {
            throw new InvalidOperationException($"The word at {address} is not erased.");
        }
    }

    private byte[] Own(int page)
    {
        if (pages[page] is { } content && !shared[page])
        {
            return content;
        }

        var own = new byte[PageSize];
        Read(page * PageSize, own);
        shared[page] = false;
        return pages[page] = own;
    }
}

/// <summary>Monotonic memory in memory.</summary>
public sealed class MemoryMonotonic(MonotonicState state) : IMonotonic
{
    public MonotonicState State { get; private set; } = state;

    public void Apply(MonotonicUpdate update) => State = State.After(update);
}
