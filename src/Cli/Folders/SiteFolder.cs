using System.CommandLine;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;
using Keywright.Storage.Sqlite;
using Keywright.Storage.Sqlite.Firmware;

namespace Keywright.Cli.Folders;

/// <summary>
/// A site's own folder with its database at hand. Questions to the database need no passphrase; what signs,
/// or opens a key, opens the key file.
/// </summary>
internal sealed class SiteFolder : IDisposable
{
    /// <summary>The folder of every site's command.</summary>
    public static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("site");

    private readonly PartyFolder folder;

    private SiteFolder(PartyFolder folder)
    {
        this.folder = folder;
        Database = SiteDatabase.Open(folder.PathTo(FileNames.SiteDatabase));
    }

    public SiteDatabase Database { get; }

    public SqliteStations Stations => new(Database);

    public SqliteChips Chips => new(Database);

    public SqliteIdentityPool Pool => new(Database);

    public SqliteBootloaders Bootloaders => new(Database);

    public SqliteDevices Devices => new(Database);

    public SqliteAlerts Alerts => new(Database);

    /// <summary>
    /// A site that was set up before. Throws <see cref="IOException"/> when this folder is none.
    /// </summary>
    public static SiteFolder Open(DirectoryInfo where)
    {
        var folder = new PartyFolder(where);
        var path = folder.PathTo(FileNames.SiteDatabase);
        return File.Exists(path)
            ? new SiteFolder(folder)
            : throw new IOException($"{path} is not there: run 'keywright site init' first.");
    }

    /// <summary>Sets a site up; what is there stays as it is. Refusals: those of the key file.</summary>
    public static Outcome<SiteKeys> Create(PartyFolder folder, Session session)
    {
        if (SiteKeys.OpenOrMake(folder, session).Refused(out var keys, out var why))
        {
            return why;
        }

        using var site = new SiteFolder(folder);
        PublicFile.Write(folder.PathTo(FileNames.ProgrammingKey), keys.Programming.Public.Bytes);
        PublicFile.Write(folder.PathTo(FileNames.IssuingKey), keys.Issuing.Public.Bytes);
        return keys;
    }

    /// <summary>Its keys; the caller disposes them. Refusals: those of the key file.</summary>
    public Outcome<SiteKeys> OpenKeys(Session session) => SiteKeys.Open(folder, session);

    /// <summary>First programming over this folder; the keys outlive it.</summary>
    public ProgramDevice Programming(SiteKeys keys, Session session) => new(
        new ProgrammingBooks(Stations, Chips, Pool, Bootloaders, Devices, Devices, Alerts),
        new SoftwareRecordSealer(keys.Master, session.Entropy),
        keys.Programming,
        SiteEpoch.First,
        session.Entropy,
        session.Clock);

    public void Dispose() => Database.Dispose();
}
