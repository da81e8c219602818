using Keywright.Device.Chip;
using Microsoft.Win32.SafeHandles;

namespace Keywright.Chips;

/// <summary>
/// Flash in the file "flash", byte for byte; what lies beyond its end is erased. Every write reaches the
/// kernel before it returns, so that it outlives the process, in order; <see cref="Sync"/> makes it outlive
/// the machine.
/// </summary>
internal sealed class FileFlash : IFlash, IDisposable
{
    public const string FileName = "flash";

    private readonly SafeFileHandle file;
    private readonly MemoryFlash mirror;
    private readonly byte[] erased;
    private long length;

    public FileFlash(string folder, int pageCount, int pageSize)
    {
        file = PrivateFile.OpenAlone(Path.Combine(folder, FileName), FileMode.OpenOrCreate);
        mirror = new MemoryFlash(pageCount, pageSize);
        erased = new byte[pageSize];
        erased.AsSpan().Fill(0xFF);
        length = RandomAccess.GetLength(file);
        var page = new byte[pageSize];
        for (var index = 0; index < pageCount && (long)index * pageSize < length; index++)
        {
            erased.CopyTo(page, 0);
            RandomAccess.Read(file, page, (long)index * pageSize);
            mirror.Load(index, page);
        }
    }

    public int PageSize => mirror.PageSize;

    public int PageCount => mirror.PageCount;

    public MemoryFlash Snapshot() => mirror.Snapshot();

    public void Read(int address, Span<byte> destination) => mirror.Read(address, destination);

    public void ErasePage(int page)
    {
        var address = (long)page * PageSize;
        if (address < length)
        {
            RandomAccess.Write(file, erased, address);
            length = Math.Max(length, address + PageSize);
        }

        mirror.ErasePage(page);
    }

    public void ProgramWord(int address, ReadOnlySpan<byte> word)
    {
        mirror.ProgramWord(address, word);
        while (length < address + word.Length)
        {
            var rest = PageSize - (int)(length % PageSize);
            RandomAccess.Write(file, erased.AsSpan(0, rest), length);
            length += rest;
        }

        RandomAccess.Write(file, word, address);
    }

    public void Sync() => RandomAccess.FlushToDisk(file);

    public void Dispose() => file.Dispose();
}

/// <summary>Files for the owner alone (0600), held by one process at a time.</summary>
internal static class PrivateFile
{
    public static SafeFileHandle OpenAlone(string path, FileMode mode)
    {
        var handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(handle) != OwnerOnly)
        {
            File.SetUnixFileMode(handle, OwnerOnly);
        }

        return handle;
    }

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
}
