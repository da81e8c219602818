using System.Runtime.InteropServices;
using System.Text;

namespace Keywright.Chips;

/// <summary>
/// Makes the names in a folder durable, which .NET has no call for: a file that was created or renamed can
/// lose its name with the machine's power until its folder is synced. Windows asks for nothing.
/// </summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(Encoding.UTF8.GetBytes(folder + '\0'), ReadOnly);
        if (descriptor < 0)
        {
            throw Fault(folder, Marshal.GetLastPInvokeError());
        }

        var failed = FSync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failed)
        {
            throw Fault(folder, error);
        }
    }

    private static IOException Fault(string folder, int error) =>
        new($"{folder} cannot be made durable: {Marshal.GetPInvokeErrorMessage(error)}.");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FSync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
