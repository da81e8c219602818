using System.CommandLine;
using System.Security.Cryptography;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Firmware;
using Keywright.Station.Firmware;

namespace Keywright.Cli.Folders;

/// <summary>
/// A station's own folder, as far as first programming goes: the key of its journal, the key of its enrolment
/// until that is done, the site's programming key, and the journal.
/// </summary>
internal sealed class StationFolder(DirectoryInfo where)
{
    /// <summary>The folder of every station's command.</summary>
    public static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("station");

    private const string StationKeyName = "station";
    private const string EnrolmentKeyName = "enrolment";

    private readonly PartyFolder folder = new(where);

    /// <summary>The public key that the site seals an enrolment to.</summary>
    public string PublicKeyPath => folder.PathTo(FileNames.StationKey);

    private string JournalPath => folder.PathTo(FileNames.ProgrammingJournal);

    private string ProgrammingKeyPath => folder.PathTo(FileNames.ProgrammingKey);

    /// <summary>
    /// Draws the station's keys; those that are there stay. Gives whether an enrolment is still to come.
    /// Refusals: those of the key file.
    /// </summary>
    public Outcome<bool> Create(Session session)
    {
        if (folder.OpenOrCreateKeys(session, FileNames.StationKey, FileNames.ProgrammingJournal)
            .Refused(out var keys, out var why))
        {
            return why;
        }

        using (keys)
        {
            if (!keys.Names.Contains(StationKeyName))
            {
                MakeKeys(keys, session.Entropy);
            }

            if (keys.Opening(EnrolmentKeyName).Refused(out var enrolmentKey, out _))
            {
                return false;
            }

            using (enrolmentKey)
            {
                PublicFile.Write(PublicKeyPath, enrolmentKey.Public.Bytes);
                return true;
            }
        }
    }

    /// <summary>
    /// Begins the programming journal, then erases the enrolment key, then keeps the site's programming key,
    /// without which no command runs here: killed in between, the same enrolment goes on, and no key outlives
    /// it. The same again is no matter. Refusals: those of the key file, of <see cref="EnrolmentOpener"/>,
    /// IdentityTaken.
    /// </summary>
    public Outcome<Enrolment> Enrol(Session session, ReadOnlyMemory<byte> message, PublicKey programmingKey)
    {
        if (EnrolmentOpener.Verify(message, programmingKey).Refused(out var enrolment, out var why)
            || folder.OpenKeys(session).Refused(out var keys, out why))
        {
            return why;
        }

        using (keys)
        {
            var refused = keys.Names.Contains(EnrolmentKeyName)
                ? Begin(keys, enrolment, programmingKey)
                : Compare(keys, enrolment.Content, programmingKey);
            return refused is null ? enrolment.Content : refused;
        }
    }

    /// <summary>
    /// The station at work; the caller disposes it. Refusals: those of the key file, UnknownKey. Throws
    /// <see cref="IOException"/> before enrolment, and while another process has the journal.
    /// </summary>
    public Outcome<EnrolledStation> Open(Session session)
    {
        if (!File.Exists(JournalPath) || !File.Exists(ProgrammingKeyPath))
        {
            throw new IOException($"{JournalPath} is not there: run 'keywright station enrol' first.");
        }

        if (folder.OpenKeys(session).Refused(out var keys, out var why))
        {
            return why;
        }

        using (keys)
        {
            return Resume(keys);
        }
    }

    private static void MakeKeys(KeyFile keys, IEntropy entropy)
    {
        Span<byte> drawn = stackalloc byte[StationKey.Size];
        entropy.Fill(drawn);
        using var stationKey = StationKey.FromBytes(drawn);
        CryptographicOperations.ZeroMemory(drawn);
        using var enrolmentKey = HpkePrivateKey.Generate(entropy);
        keys.Add(StationKeyName, stationKey);
        keys.Add(EnrolmentKeyName, enrolmentKey);
        keys.Save();
    }

    private Refusal? Begin(KeyFile keys, Verified<Enrolment> enrolment, PublicKey programmingKey)
    {
        if (keys.Opening(EnrolmentKeyName).Refused(out var enrolmentKey, out var why)
            || keys.Symmetric<StationKey>(StationKeyName).Refused(out var stationKey, out why))
        {
            return why;
        }

        using (enrolmentKey)
        using (stationKey)
        {
            if (ProgrammingJournal.Begin(
                JournalPath, enrolment.Bytes, enrolmentKey, programmingKey, stationKey) is { } refused)
            {
                return refused;
            }
        }

        keys.Remove(EnrolmentKeyName);
        keys.Save();
        PublicFile.Write(ProgrammingKeyPath, programmingKey.Bytes);
        return null;
    }

    private Refusal? Compare(KeyFile keys, Enrolment given, PublicKey programmingKey)
    {
        var wasCut = !File.Exists(ProgrammingKeyPath);
        if ((wasCut ? Resume(keys, programmingKey) : Resume(keys)).Refused(out var station, out var why))
        {
            return why;
        }

        using (station)
        {
            var held = station.Journal.Station;
            if (!held.Sealed.Span.SequenceEqual(given.Sealed.Span))
            {
                return new Refusal(
                    Reason.IdentityTaken, $"this folder is station {held.Station} of {held.Factory} already");
            }
        }

        if (wasCut)
        {
            PublicFile.Write(ProgrammingKeyPath, programmingKey.Bytes);
        }

        return null;
    }

    private Outcome<EnrolledStation> Resume(KeyFile keys) =>
        PublicFile.ReadKey(ProgrammingKeyPath).Refused(out var programmingKey, out var why)
            ? why
            : Resume(keys, programmingKey);

    private Outcome<EnrolledStation> Resume(KeyFile keys, PublicKey programmingKey)
    {
        if (keys.Symmetric<StationKey>(StationKeyName).Refused(out var stationKey, out var why))
        {
            return why;
        }

        try
        {
            var journal = ProgrammingJournal.Resume(JournalPath, stationKey, programmingKey);
            return new EnrolledStation(journal, stationKey, programmingKey);
        }
        catch
        {
            stationKey.Dispose();
            throw;
        }
    }
}

/// <summary>A station that was enrolled: its journal, and whose files it takes.</summary>
internal sealed record EnrolledStation(
    ProgrammingJournal Journal, StationKey Key, PublicKey ProgrammingKey) : IDisposable
{
    public void Dispose()
    {
        Journal.Dispose();
        Key.Dispose();
    }
}
