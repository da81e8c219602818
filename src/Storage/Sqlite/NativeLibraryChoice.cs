using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Keywright.Storage.Sqlite;

/// <summary>
/// Which SQLite runs: the system's where it is recent enough, because the system keeps it patched; otherwise
/// the one that is delivered with Keywright.
/// </summary>
public static class NativeLibraryChoice
{
    /// <summary>The oldest that will do: the first with RETURNING.</summary>
    public static readonly Version Oldest = new(3, 35, 0);

    private static readonly Lazy<Version> Chosen = new(Choose);

    /// <summary>Called at start, before the first connection; later calls change nothing.</summary>
    /// <returns>The version of the library that runs.</returns>
    public static Version Use() => Chosen.Value;

    private static Version Choose()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return Version.Parse(raw.sqlite3_libversion().utf8_to_string());
    }

    // Zero lets the runtime look where it always looks: beside the program.
    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libsqlite3.so.0", out var library))
        {
            return IntPtr.Zero;
        }

        if (VersionOf(library) >= Oldest)
        {
            return library;
        }

        NativeLibrary.Free(library);
        return IntPtr.Zero;
    }

    private static Version VersionOf(IntPtr library)
    {
        var export = NativeLibrary.GetExport(library, "sqlite3_libversion_number");
        var number = Marshal.GetDelegateForFunctionPointer<VersionNumber>(export)();
        return new Version(number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
