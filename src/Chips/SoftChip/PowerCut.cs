using Keywright.Device.Chip;

namespace Keywright.Chips;

/// <summary>What a power cut leaves of the write that it hits.</summary>
public enum CutKind
{
    /// <summary>Nothing of it: also the cut between the last flash write and the fuse.</summary>
    Before,

    /// <summary>Some bits of the word.</summary>
    TornWord,

    /// <summary>Words of the whole page are lost or scrambled, also those programmed before.</summary>
    TornPage,

    /// <summary>Words of the page are erased, as before, or in between.</summary>
    HalfErased,
}

/// <summary>One write that a chip asked of its silicon: exactly one of erase, word and fuse.</summary>
public sealed record SiliconWrite
{
    private static readonly CutKind[] WordKinds = [CutKind.Before, CutKind.TornWord, CutKind.TornPage];
    private static readonly CutKind[] EraseKinds = [CutKind.Before, CutKind.HalfErased];
    private static readonly CutKind[] FuseKinds = [CutKind.Before];

    private readonly int address;
    private readonly byte[]? word;
    private readonly MonotonicUpdate? fuse;

    private SiliconWrite(int address, byte[]? word, MonotonicUpdate? fuse)
    {
        this.address = address;
        this.word = word;
        this.fuse = fuse;
    }

    /// <summary>What a cut may leave of this write; after it is before the next one.</summary>
    public IReadOnlyList<CutKind> Kinds =>
        fuse is not null ? FuseKinds : word is not null ? WordKinds : EraseKinds;

    public static SiliconWrite Erase(int page) => new(page, null, null);

    public static SiliconWrite Word(int address, ReadOnlySpan<byte> word) =>
        new(address, word.ToArray(), null);

    public static SiliconWrite Fuse(MonotonicUpdate update) => new(0, null, update);

    /// <summary>The whole write.</summary>
    public void ApplyTo(ISilicon silicon)
    {
        if (fuse is not null)
        {
            silicon.Monotonic.Apply(fuse);
        }
        else if (word is not null)
        {
            silicon.Flash.ProgramWord(address, word);
        }
        else
        {
            silicon.Flash.ErasePage(address);
        }
    }

    /// <summary>What is left of it after a cut.</summary>
    public void Tear(ISilicon silicon, CutKind kind, SeededNoise noise)
    {
        switch (kind)
        {
            case CutKind.TornWord when word is not null:
                var torn = new byte[IFlash.WordSize];
                noise.Fill(torn);
                for (var i = 0; i < torn.Length; i++)
                {
                    torn[i] |= word[i];
                }

                silicon.Flash.ProgramWord(address, torn);
                break;
            case CutKind.TornPage when word is not null:
                ApplyTo(silicon);
                Scramble(silicon.Flash, address / silicon.Flash.PageSize, noise);
                break;
            case CutKind.HalfErased when word is null && fuse is null:
                Scramble(silicon.Flash, address, noise);
                break;
            default:
                break;
        }
    }

    public override string ToString() =>
        fuse is not null ? $"fuse {fuse.Register}"
        : word is not null ? $"word at {address}"
        : $"erase of page {address}";

    private static void Scramble(IFlash flash, int page, SeededNoise noise)
    {
        var content = new byte[flash.PageSize];
        flash.Read(page * flash.PageSize, content);
        flash.ErasePage(page);
        Span<byte> garbage = stackalloc byte[IFlash.WordSize];
        for (var offset = 0; offset < content.Length; offset += IFlash.WordSize)
        {
            var word = content.AsSpan(offset, IFlash.WordSize);
            switch (noise.Next(3))
            {
                case 0:
                    word.Fill(0xFF);
                    break;
                case 1:
                    noise.Fill(garbage);
                    garbage.CopyTo(word);
                    break;
                default:
                    break;
            }

            flash.ProgramWord((page * flash.PageSize) + offset, word);
        }
    }
}

/// <summary>
/// Silicon that loses power at a chosen write, in a chosen way, and counts and records all writes. After the
/// cut every write throws <see cref="PowerLostException"/>, until <see cref="Restore"/> gives power back, to
/// be cut again.
/// </summary>
public sealed class PowerCut(ISilicon inner, ulong seed) : ISilicon, IFlash, IMonotonic
{
    private readonly SeededNoise noise = new(seed);
    private readonly List<SiliconWrite> writes = [];
    private int cutAt = -1;
    private CutKind cutKind;
    private bool dark;

    /// <summary>The writes since power came back, the one that was hit included.</summary>
    public IReadOnlyList<SiliconWrite> Writes => writes;

    public ImmutableMemory Immutable => inner.Immutable;

    public IFlash Flash => this;

    public IMonotonic Monotonic => this;

    public int PageSize => inner.Flash.PageSize;

    public int PageCount => inner.Flash.PageCount;

    public MonotonicState State => inner.Monotonic.State;

    /// <summary>
    /// Power will go at write number <paramref name="write"/> from now, 0 being the next; a kind that does
    /// not fit that write cuts before it.
    /// </summary>
    public void Arm(int write, CutKind kind)
    {
        cutAt = writes.Count + write;
        cutKind = kind;
    }

    /// <summary>Power is back, and nothing is armed.</summary>
    public void Restore()
    {
        writes.Clear();
        cutAt = -1;
        dark = false;
    }

    public void Derive(string name, Span<byte> destination) => inner.Derive(name, destination);

    public void Noise(Span<byte> destination) => inner.Noise(destination);

    public void Read(int address, Span<byte> destination) => inner.Flash.Read(address, destination);

    public void ErasePage(int page) => Do(SiliconWrite.Erase(page));

    public void ProgramWord(int address, ReadOnlySpan<byte> word) => Do(SiliconWrite.Word(address, word));

    public void Apply(MonotonicUpdate update) => Do(SiliconWrite.Fuse(update));

    public void Sync() => inner.Flash.Sync();

    private void Do(SiliconWrite write)
    {
        if (dark)
        {
            throw new PowerLostException();
        }

        writes.Add(write);
        if (writes.Count - 1 != cutAt)
        {
            write.ApplyTo(inner);
            return;
        }

        dark = true;
        write.Tear(inner, cutKind, noise);
        throw new PowerLostException();
    }
}
