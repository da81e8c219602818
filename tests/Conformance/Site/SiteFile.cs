using Keywright.Storage.Sqlite;

namespace Keywright.ConformanceTests.Site;

/// <summary>A site database in a folder of its own, which can be closed and opened again.</summary>
internal sealed class SiteFile : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("keywright-site-").FullName;

    public SiteFile() => Database = SiteDatabase.Open(FullName);

    public string FullName => Path.Combine(folder, "site.db");

    public SiteDatabase Database { get; private set; }

    public SiteDatabase Reopen()
    {
        Database.Dispose();
        return Database = SiteDatabase.Open(FullName);
    }

    public void Dispose()
    {
        Database.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
