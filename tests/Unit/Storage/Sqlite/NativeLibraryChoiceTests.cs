using System.Diagnostics;
using Keywright.Storage.Sqlite;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Storage.Sqlite;

public class NativeLibraryChoiceTests
{
    [Fact]
    public void The_library_that_runs_is_recent_enough()
    {
        Assert.True(NativeLibraryChoice.Use() >= NativeLibraryChoice.Oldest);
    }

    [Fact]
    public void Where_the_system_has_the_library_the_delivered_one_stays_on_disk()
    {
        SystemPackages.Require("libsqlite3-0");

        NativeLibraryChoice.Use();

        var loaded = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(module => module.ModuleName);
        Assert.DoesNotContain(loaded, name => name.Contains("e_sqlite3"));
    }
}
