namespace Keywright.Device.Chip;

/// <summary>
/// Flash in pages and words (docs/spec/chip.md §2). Addresses count bytes from 0. Every write may throw
/// <see cref="PowerLostException"/> and then have happened, not happened, or happened in part.
/// </summary>
public interface IFlash
{
    /// <summary>Bytes in one word, the unit of programming.</summary>
    const int WordSize = 16;

    /// <summary>Bytes in one page, the unit of erasing; a multiple of 256.</summary>
    int PageSize { get; }

    /// <summary>How many pages there are.</summary>
    int PageCount { get; }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="address"/> on.</summary>
    void Read(int address, Span<byte> destination);

    /// <summary>Turns all bytes of a page to 0xFF.</summary>
    void ErasePage(int page);

    /// <summary>
    /// Programs the erased word at <paramref name="address"/>; programming any other is a bug, an exception.
    /// </summary>
    void ProgramWord(int address, ReadOnlySpan<byte> word);

    /// <summary>Returns when all earlier writes are durable: no later write may overtake them.</summary>
    void Sync();
}

/// <summary>
/// Power was lost during a write. The chip is dead until it boots again; nothing catches this but the power
/// cord.
/// </summary>
public sealed class PowerLostException : Exception
{
    public PowerLostException()
        : base("Power was lost.")
    {
    }
}
