using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Chips;

/// <summary>
/// How much flash a chip has: whole pages of a multiple of 256 bytes, less than 2 GiB. 256 pages of 4 KiB
/// unless said otherwise.
/// </summary>
public readonly record struct FlashGeometry(int PageCount, int PageSize)
{
    private const int PageUnit = 256;

    public static readonly FlashGeometry Default = new(256, 4096);

    internal bool IsSound =>
        PageCount > 0 && PageSize > 0 && PageSize % PageUnit == 0
        && (long)PageCount * PageSize <= int.MaxValue;
}

/// <summary>
/// A chip in software (docs/spec/chip.md §10): in memory for tests and simulations, or in a folder of two
/// files, "silicon" (stands for the die: guard it like one) and "flash". One process at a time holds a
/// folder.
/// </summary>
public sealed class SoftChip : ISilicon, IDisposable
{
    /// <summary>Bytes that the tester mixes into the chip key.</summary>
    public const int TesterSize = 32;

    private readonly ChipKey key;
    private readonly IEntropy noise;
    private readonly IDisposable? files;
    private readonly byte[] context;

    private SoftChip(Die die, IFlash flash, IMonotonic monotonic, IEntropy noise, IDisposable? files = null)
    {
        Immutable = die.Immutable;
        key = die.Key;
        context = CborItem.Array(Immutable.ChipId);
        Flash = flash;
        Monotonic = monotonic;
        this.noise = noise;
        this.files = files;
    }

    public ImmutableMemory Immutable { get; }

    public IFlash Flash { get; }

    public IMonotonic Monotonic { get; }

    /// <summary>
    /// Makes a chip in memory: the chip key comes from its noise and the tester's 32 bytes, inside, after the
    /// noise tests. Throws <see cref="NoiseFailedException"/>.
    /// </summary>
    public static SoftChip Fabricate(
        ImmutableMemory immutable, IEntropy noise, ReadOnlySpan<byte> tester, FlashGeometry? geometry = null)
    {
        var (pageCount, pageSize) = Sound(geometry);
        var die = new Die(immutable, MakeKey(noise, tester), new FlashGeometry(pageCount, pageSize));
        return new SoftChip(
            die, new MemoryFlash(pageCount, pageSize), new MemoryMonotonic(MonotonicState.Fresh), noise);
    }

    /// <summary>
    /// Makes a chip in a folder that holds none yet, and closes it again. The folder is made when it is
    /// missing, for the owner alone.
    /// </summary>
    public static void FabricateIn(
        string folder,
        ImmutableMemory immutable,
        IEntropy noise,
        ReadOnlySpan<byte> tester,
        FlashGeometry? geometry = null)
    {
        var sound = Sound(geometry);
        using var made = MakeKey(noise, tester);
        SiliconFile.Create(folder, new Die(immutable, made, sound));
    }

    /// <summary>Whether this folder holds a chip.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, SiliconFile.FileName));

    /// <summary>
    /// Opens a folder's chip; a missing "flash" is an erased one. Throws <see cref="IOException"/>: no chip
    /// there, in use by another process, or its silicon is damaged.
    /// </summary>
    public static SoftChip Open(string folder, IEntropy noise)
    {
        var silicon = SiliconFile.Open(folder);
        try
        {
            var (pageCount, pageSize) = silicon.Die.Geometry;
            var flash = new FileFlash(folder, pageCount, pageSize);
            return new SoftChip(silicon.Die, flash, silicon, noise, new Files(silicon, flash));
        }
        catch
        {
            silicon.Dispose();
            silicon.Die.Dispose();
            throw;
        }
    }

    /// <summary>
    /// This chip as it is now, in memory and by itself: an attacker's perfect copy, or a point to come back
    /// to. It shares the die's secrets with its origin, so it lives no longer than that.
    /// </summary>
    public SoftChip Snapshot(IEntropy? otherNoise = null)
    {
        var copy = Flash switch
        {
            MemoryFlash memory => memory.Snapshot(),
            FileFlash file => file.Snapshot(),
            _ => throw new InvalidOperationException("An unknown flash."),
        };
        var die = new Die(Immutable, key, new FlashGeometry(copy.PageCount, copy.PageSize));
        return new SoftChip(die, copy, new MemoryMonotonic(Monotonic.State), otherNoise ?? noise);
    }

    /// <summary>
    /// The same die, registers as they are, with another flash: what an attacker with a flash programmer
    /// makes.
    /// </summary>
    public SoftChip WithFlash(MemoryFlash flash)
    {
        var die = new Die(Immutable, key, new FlashGeometry(flash.PageCount, flash.PageSize));
        return new SoftChip(die, flash, new MemoryMonotonic(Monotonic.State), noise);
    }

    public void Derive(string name, Span<byte> destination) =>
        Kdf.Derive(key.Expose(), name, context, destination);

    public void Noise(Span<byte> destination) => noise.Fill(destination);

    /// <summary>
    /// Closes the files of a folder's chip. The secrets of a chip in memory live as long as its copies.
    /// </summary>
    public void Dispose()
    {
        if (files is not null)
        {
            files.Dispose();
            key.Dispose();
            Immutable.Dispose();
        }
    }

    private static FlashGeometry Sound(FlashGeometry? asked)
    {
        var geometry = asked ?? FlashGeometry.Default;
        return geometry.IsSound
            ? geometry
            : throw new ArgumentException($"No flash is {geometry}.", nameof(asked));
    }

    private static ChipKey MakeKey(IEntropy noise, ReadOnlySpan<byte> tester)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tester.Length, TesterSize);
        Span<byte> drawn = stackalloc byte[NoiseHealth.SeedSamples];
        Span<byte> made = stackalloc byte[ChipKey.Size];
        using var material = new CborWriter(256);
        try
        {
            NoiseHealth.StartUp(noise.Fill, drawn);
            Kdf.Extract("chip key", material.Array(2).Bytes(drawn).Bytes(tester).Written, made);
            return new ChipKey(made);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(drawn);
            CryptographicOperations.ZeroMemory(made);
        }
    }

    private sealed record Files(SiliconFile Silicon, FileFlash Flash) : IDisposable
    {
        public void Dispose()
        {
            Flash.Dispose();
            Silicon.Dispose();
        }
    }
}

/// <summary>The secret chip key C: 32 bytes.</summary>
internal sealed class ChipKey(ReadOnlySpan<byte> bytes) : Secret(bytes)
{
    public const int Size = 32;
}

/// <summary>What is fixed when a chip is made.</summary>
internal sealed record Die(ImmutableMemory Immutable, ChipKey Key, FlashGeometry Geometry) : IDisposable
{
    /// <summary>Wipes the secrets.</summary>
    public void Dispose()
    {
        Key.Dispose();
        Immutable.Dispose();
    }
}
