using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.CommandLine;

/// <summary>
/// Files that one party makes, for others or for itself: whole or not there, whenever the machine stops.
/// </summary>
public static class PublicFile
{
    private const UnixFileMode ForThisUser = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes it beside the old one, on disk, and puts it in its place; makes the folder, but none above it.
    /// Throws <see cref="IOException"/> when what is there is no regular file.
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> content) =>
        Write(path, content, overwrite: true);

    /// <summary>The same for what is made once: throws <see cref="IOException"/> when it is there.</summary>
    public static void WriteNew(string path, ReadOnlySpan<byte> content)
    {
        MustNotExist(path);
        Write(path, content, overwrite: false);
    }

    /// <summary>
    /// The same for what stays with its maker: file (0600, from its first moment on) and folder (0700) are
    /// for this user alone. A folder that is there stays as it is.
    /// </summary>
    public static void WriteNewForThisUser(string path, ReadOnlySpan<byte> content)
    {
        MustNotExist(path);
        Write(path, content, overwrite: false, forThisUser: true);
    }

    /// <summary>Asked before work whose result has no place otherwise.</summary>
    public static void MustNotExist(string path)
    {
        if (File.Exists(path))
        {
            throw new IOException($"{path} is there already: it is never made anew, take another name.");
        }
    }

    /// <summary>A public signature key of 65 bytes. Refusals: UnknownKey, naming the file.</summary>
    public static Outcome<PublicKey> ReadKey(string path) =>
        PublicKey.Parse(File.ReadAllBytes(path)).Refused(out var key, out var why)
            ? why with { Detail = $"{path}: {why.Detail}" }
            : key;

    private static void Write(
        string path, ReadOnlySpan<byte> content, bool overwrite, bool forThisUser = false)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        MustBeRegular(path, folder);
        var above = Path.GetDirectoryName(folder);
        if (!Directory.Exists(folder) && !Directory.Exists(above))
        {
            throw new DirectoryNotFoundException($"{path}: the folder {above} is not there.");
        }

        var fresh = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (forThisUser && !OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder, ForThisUser | UnixFileMode.UserExecute);
            File.Delete(fresh);
            options.UnixCreateMode = ForThisUser;
        }
        else
        {
            Directory.CreateDirectory(folder);
        }

        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite);
    }

    // A file put in its place would end a link, or a device node for the whole machine.
    private static void MustBeRegular(string path, string folder)
    {
        var isDevice = folder == "/dev" || folder.StartsWith("/dev/", StringComparison.Ordinal);
        if (isDevice || new FileInfo(path).LinkTarget is not null || Directory.Exists(path))
        {
            throw new IOException($"{path} is no regular file: it is not replaced.");
        }
    }
}
