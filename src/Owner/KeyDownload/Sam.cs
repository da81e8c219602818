using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// A SAM (the first unit): its keys, and its state in a file that survives anything (docs/spec/keydownload.md
/// §8). Use cases change it by events only. Not safe for concurrent use; one process at a time holds the
/// file.
/// </summary>
public sealed class Sam : IDisposable
{
    private readonly SamJournal journal;
    private readonly SoftwareKeys keys;

    private Sam(SamJournal journal, SamState state, SoftwareKeys keys)
    {
        this.journal = journal;
        this.keys = keys;
        State = state;
    }

    /// <summary>What it knows now.</summary>
    public SamState State { get; private set; }

    /// <summary>Its keys.</summary>
    public ISamKeys Keys => keys;

    /// <summary>Makes a SAM in a file that must not be there yet.</summary>
    /// <param name="path">Where.</param>
    /// <param name="samKey">Seals the file and the keys in it; its holder keeps it.</param>
    /// <param name="transport">T, as the units of the set have it; the SAM keeps it sealed.</param>
    /// <param name="applicationId">1 to 8 bytes, as the units have it.</param>
    /// <param name="entropy">Draws keys and nonces.</param>
    /// <exception cref="IOException">A file is there, or it cannot be written.</exception>
    public static Sam Create(
        string path,
        SealKey samKey,
        TransportKey transport,
        ReadOnlySpan<byte> applicationId,
        IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfZero(applicationId.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            applicationId.Length, Diversification.MaxApplicationIdSize);
        var setup = new SamSetup(applicationId.ToArray(), SoftwareKeys.Keep(transport, samKey, entropy));
        var journal = SamJournal.Create(path, samKey, entropy, setup);
        return new Sam(journal, SamState.Of(setup), new SoftwareKeys(setup, samKey, entropy));
    }

    /// <summary>
    /// Opens one. Refusals: BadSeal (another SAM key, or changed), Malformed (also events that cannot follow
    /// one another), TooLarge.
    /// </summary>
    /// <exception cref="IOException">It is not there, or another process holds it.</exception>
    public static Outcome<Sam> Open(string path, SealKey samKey, IEntropy entropy)
    {
        if (SamJournal.Open(path, samKey, entropy).Refused(out var opened, out var why))
        {
            return why;
        }

        if (SamState.Of(opened.Events).Refused(out var state, out var contradiction))
        {
            opened.Journal.Dispose();
            return contradiction with { Detail = $"{path}: {contradiction.Detail}" };
        }

        return new Sam(opened.Journal, state, new SoftwareKeys(state.Setup, samKey, entropy));
    }

    public void Dispose()
    {
        journal.Dispose();
        keys.Dispose();
    }

    /// <summary>Makes it so: on the disk first, then in memory.</summary>
    internal void Commit(SamEvent happened)
    {
        var state = State.After(happened);
        journal.Append(happened);
        State = state;
    }
}
