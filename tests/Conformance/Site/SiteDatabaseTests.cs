using System.Runtime.Versioning;
using Keywright.Storage.Sqlite;

namespace Keywright.ConformanceTests.Site;

public sealed class SiteDatabaseTests : IDisposable
{
    private readonly SiteFile file = new();

    [Fact]
    public void A_database_opens_again_and_again() =>
        Assert.Same(file.Reopen(), file.Database);

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_but_its_owner_may_read_the_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes are Unix's");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.FullName));
    }

    [Fact]
    public void A_database_of_a_newer_program_is_left_alone()
    {
        file.Database.Write(session => session.Execute("UPDATE schema_version SET steps = steps + 99"));
        Assert.Throws<InvalidDataException>(() => SiteDatabase.Open(file.FullName));
        file.Database.Write(session => session.Execute("UPDATE schema_version SET steps = steps - 99"));
        file.Reopen();
    }

    [Fact]
    public void A_write_that_fails_half_way_leaves_nothing()
    {
        Assert.Throws<ArithmeticException>(() => file.Database.Write(session =>
        {
            session.Execute("DELETE FROM schema_version");
            throw new ArithmeticException();
        }));
        Assert.NotEqual(0, file.Reopen().Read(session => session.Number("SELECT count(*) FROM schema_version") ?? 0));
    }

    public void Dispose() => file.Dispose();
}
