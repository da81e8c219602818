namespace Keywright.Chips;

/// <summary>
/// A file for the owner alone (0600, from its first moment on), held by one process at a time. Written at
/// places, never in between buffered.
/// </summary>
internal class PrivateFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream stream;

    private PrivateFile(string path, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            options.UnixCreateMode = OwnerOnly;
        }

        stream = new FileStream(path, options);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(stream.SafeFileHandle) != OwnerOnly)
        {
            File.SetUnixFileMode(stream.SafeFileHandle, OwnerOnly);
        }
    }

    /// <summary>An empty file, in place of whatever an earlier run has left there.</summary>
    protected PrivateFile(string path)
        : this(path, FileMode.OpenOrCreate) => SetLength(0);

    public long Length => RandomAccess.GetLength(stream.SafeFileHandle);

    public static PrivateFile Open(string path) => new(path, FileMode.Open);

    public static PrivateFile OpenOrCreate(string path) => new(path, FileMode.OpenOrCreate);

    public static PrivateFile Create(string path) => new(path);

    /// <summary>A folder for the owner alone; one that is there stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Removes a file that may be there; a fault of the environment leaves it.</summary>
    public static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (IsFault(fault))
        {
        }
    }

    /// <summary>True for what the environment does to a file, false for a bug.</summary>
    public static bool IsFault(Exception thrown) => thrown is IOException or UnauthorizedAccessException;

    /// <summary>Fills the destination, or throws.</summary>
    public void ReadExactly(Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            var count = RandomAccess.Read(stream.SafeFileHandle, destination, offset);
            if (count == 0)
            {
                throw new EndOfStreamException($"{stream.Name} ended at byte {offset}.");
            }

            destination = destination[count..];
            offset += count;
        }
    }

    public virtual void Write(ReadOnlySpan<byte> bytes, long offset) =>
        RandomAccess.Write(stream.SafeFileHandle, bytes, offset);

    public void SetLength(long length) => RandomAccess.SetLength(stream.SafeFileHandle, length);

    /// <summary>Returns when what was written is durable; the file's name is the folder's matter.</summary>
    public void Sync() => RandomAccess.FlushToDisk(stream.SafeFileHandle);

    public void Dispose()
    {
        stream.Dispose();
        GC.SuppressFinalize(this);
    }
}
