using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>Everything that a use case on the device gets: the chip as it is after booting.</summary>
public sealed class ChipState : IDisposable
{
    private readonly ISilicon silicon;
    private readonly ChipDrbg drbg;
    private uint dumps;

    private ChipState(
        ISilicon silicon, ChipKeys keys, ChipDrbg drbg, CommitJournal journal, Refusal? recovery)
    {
        this.silicon = silicon;
        this.drbg = drbg;
        Keys = keys;
        Journal = journal;
        KeyStore = KeyStore.Load(journal, recovery);
    }

    /// <summary>Chip ID, family, lot, shares and keys of the chip maker.</summary>
    public ImmutableMemory Immutable => silicon.Immutable;

    /// <summary>What the registers hold now.</summary>
    public MonotonicState Monotonic => silicon.Monotonic.State;

    public ChipKeys Keys { get; }

    public CommitJournal Journal { get; }

    public KeyStore KeyStore { get; }

    /// <summary>The chip's generator.</summary>
    public IEntropy Entropy => drbg;

    /// <summary>
    /// Starts the chip (docs/spec/chip.md §8): noise tests, boot counter, generator, newest commit record
    /// judged and rolled forward, key store. Throws <see cref="NoiseFailedException"/>, <see
    /// cref="PowerLostException"/>.
    /// </summary>
    public static ChipState Boot(ISilicon silicon)
    {
        var keys = new ChipKeys(silicon);
        ChipDrbg? drbg = null;
        try
        {
            drbg = Start(silicon);
            var journal = new CommitJournal(silicon, keys.Store, drbg);
            var recovery = journal.TakeUp();
            return new ChipState(silicon, keys, drbg, journal, recovery);
        }
        catch
        {
            keys.Dispose();
            drbg?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Raises a register by itself, at once: for counters that belong to no commit (challenges), and for what
    /// must stand in monotonic memory before anything else happens.
    /// </summary>
    public void Raise(MonotonicUpdate update)
    {
        if (update.Register == MonotonicRegister.Lifecycle)
        {
            throw new ArgumentException("The lifecycle rises with a commit.", nameof(update));
        }

        Journal.Raise(update);
    }

    /// <summary>The number of the next dump of this boot; given once.</summary>
    public uint NextDump() => checked(dumps++);

    public void Dispose()
    {
        KeyStore.Dispose();
        Keys.Dispose();
        drbg.Dispose();
    }

    private static ChipDrbg Start(ISilicon silicon)
    {
        Span<byte> noise = stackalloc byte[NoiseHealth.SeedSamples];
        try
        {
            NoiseHealth.StartUp(silicon.Noise, noise);
            var boots = silicon.Monotonic.State.Boots + 1;
            silicon.Monotonic.Apply(MonotonicUpdate.Booted(boots));
            return ChipDrbg.Seed(silicon, noise, boots);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(noise);
        }
    }
}
