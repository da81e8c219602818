using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite;

/// <summary>
/// The site's one database file. What <see cref="Write{T}"/> returned is on the disk (WAL, synchronous=FULL) and was
/// decided alone: writers stand in one line, across threads and processes. One connection serves all, so that the one
/// that writes also checkpoints. Erased keys are overwritten in the file (secure_delete).
/// </summary>
public sealed class SiteDatabase : IDisposable
{
    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly SiteSession session;

    private SiteDatabase(SqliteConnection connection)
    {
        this.connection = connection;
        session = new SiteSession(connection);
    }

    /// <summary>Opens the file, makes it when it is not there, and brings its tables to the newest version.</summary>
    /// <exception cref="InvalidDataException">The file was written by a newer version of this program.</exception>
    public static SiteDatabase Open(string path)
    {
        NativeLibraryChoice.Use();
        CreatePrivate(path);
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var database = new SiteDatabase(connection);
            database.session.Execute("PRAGMA journal_mode = WAL");
            database.session.Execute("PRAGMA synchronous = FULL");
            database.session.Execute("PRAGMA foreign_keys = ON");
            database.session.Execute("PRAGMA secure_delete = ON");
            SiteSchema.Migrate(database);
            return database;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        session.Dispose();
        connection.Dispose();
    }

    /// <summary>Reads one consistent state.</summary>
    internal T Read<T>(Func<SiteSession, T> work) => InTransaction("BEGIN", work);

    /// <summary>Decides and writes; all of it or, when <paramref name="work"/> throws, nothing.</summary>
    internal T Write<T>(Func<SiteSession, T> work) => InTransaction("BEGIN IMMEDIATE", work);

    /// <summary>Writes; all of it or, when <paramref name="work"/> throws, nothing.</summary>
    internal void Write(Action<SiteSession> work) => InTransaction("BEGIN IMMEDIATE", s =>
    {
        work(s);
        return true;
    });

    private T InTransaction<T>(string begin, Func<SiteSession, T> work)
    {
        lock (gate)
        {
            session.Execute(begin);
            try
            {
                var result = work(session);
                session.Execute("COMMIT");
                return result;
            }
            catch
            {
                session.RollBack();
                throw;
            }
        }
    }

    private static void CreatePrivate(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(path, options).Dispose();
    }
}
