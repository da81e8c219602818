using System.Runtime.InteropServices;
using System.Text;

namespace Keywright.PublicDirectory.Backup;

/// <summary>A directory's files in a folder on disk, which any web server can serve as it is.</summary>
public sealed class DiskFiles : IDirectoryFiles, IDisposable
{
    private const string LockName = ".lock";
    private const string NewSuffix = ".new";

    private readonly string root;
    private readonly FileStream? exclusive;

    private DiskFiles(string root, FileStream? exclusive)
    {
        this.root = root;
        this.exclusive = exclusive;
    }

    /// <summary>Opens a folder to read from.</summary>
    public static DiskFiles ForReading(string root) => new(Path.GetFullPath(root), null);

    /// <summary>Opens or makes a folder to write to. IOException while another process has it so.</summary>
    public static DiskFiles ForWriting(string root)
    {
        var full = Path.GetFullPath(root);
        Directory.CreateDirectory(full);
        var exclusive = new FileStream(
            Path.Combine(full, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        return new DiskFiles(full, exclusive);
    }

    /// <summary>Whether this is a directory or a mirror at all: it holds a checkpoint, or leaves.</summary>
    public bool IsDirectory =>
        File.Exists(PathOf(DirectoryLayout.Checkpoint)) || File.Exists(PathOf(DirectoryLayout.Leaves));

    public byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(PathOf(path));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public IReadOnlyList<string> List(string folder)
    {
        var start = PathOf(folder);
        return Directory.Exists(start)
            ?
            [
                .. Directory.EnumerateFiles(start, "*", SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(root, file))
                    .Select(file => file.Replace(Path.DirectorySeparatorChar, '/'))
                    .Where(file => !file.EndsWith(NewSuffix, StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
            ]
            : [];
    }

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        var target = PathOf(path);
        var folder = Path.GetDirectoryName(target)!;
        MakeFolder(folder);
        using (var file = new FileStream(target + NewSuffix, FileMode.Create, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(target + NewSuffix, target, overwrite: true);
        SyncFolder(folder);
    }

    public void WriteEnd(string path, long offset, ReadOnlySpan<byte> content)
    {
        var target = PathOf(path);
        var isNew = !File.Exists(target);
        using (var file = new FileStream(target, FileMode.OpenOrCreate, FileAccess.Write))
        {
            file.SetLength(offset);
            file.Seek(offset, SeekOrigin.Begin);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        if (isNew)
        {
            SyncFolder(Path.GetDirectoryName(target)!);
        }
    }

    public void Delete(string path)
    {
        var target = PathOf(path);
        if (File.Exists(target))
        {
            File.Delete(target);
            SyncFolder(Path.GetDirectoryName(target)!);
        }
    }

    public void Dispose() => exclusive?.Dispose();

    private string PathOf(string path) => Path.Combine(root, path.Replace('/', Path.DirectorySeparatorChar));

    // A new folder lasts once the folder that names it is on the disk.
    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        MakeFolder(parent);
        Directory.CreateDirectory(folder);
        SyncFolder(parent);
    }

    // NTFS journals its folders; elsewhere a name lasts only once its folder was synced.
    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open([.. Encoding.UTF8.GetBytes(folder), 0], 0);
        var error = handle < 0 || Sync(handle) != 0 ? Marshal.GetLastPInvokeError() : 0;
        _ = handle < 0 ? 0 : Close(handle);
        if (error != 0)
        {
            throw new IOException($"{folder} cannot be synced: error {error}");
        }
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
