using System.Runtime.InteropServices;
using System.Text;

namespace Keywright.Keystores.Software;

/// <summary>Replaces a file so that after a power cut the old or the new one stands there, whole.</summary>
internal static class DurableFile
{
    /// <summary>
    /// Writes the new file beside the old one, then moves it over it. Only its owner may read it.
    /// </summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var fresh = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(fresh);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>A move is durable once the folder is; Windows moves through its journal.</summary>
    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open([.. Encoding.UTF8.GetBytes(folder), 0], 0);
        if (handle < 0 || Sync(handle) != 0)
        {
            throw new IOException($"{folder} could not be flushed, error {Marshal.GetLastPInvokeError()}");
        }

        _ = Close(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
