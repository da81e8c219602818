using Keywright.Device.Chip;

namespace Keywright.Chips;

/// <summary>
/// Flash in the file "flash", byte for byte; what lies beyond its end is erased. Every write reaches the
/// kernel before it returns, so that it outlives the process, in order; <see cref="Sync"/> makes it outlive
/// the machine.
/// </summary>
internal sealed class FileFlash : IFlash, IDisposable
{
    public const string FileName = "flash";

    private readonly PrivateFile file;
    private readonly MemoryFlash mirror;
    private readonly byte[] erased;
    private long length;

    public FileFlash(string folder, int pageCount, int pageSize)
    {
        var path = Path.Combine(folder, FileName);
        var isNew = !File.Exists(path);
        mirror = new MemoryFlash(pageCount, pageSize);
        erased = new byte[pageSize];
        erased.AsSpan().Fill(0xFF);
        file = PrivateFile.OpenOrCreate(path);
        try
        {
            if (isNew)
            {
                FolderSync.Sync(folder);
            }

            length = file.Length;
            Load();
        }
        catch
        {
            file.Dispose();
            throw;
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
            file.Write(erased, address);
            length = Math.Max(length, address + PageSize);
        }

        mirror.ErasePage(page);
    }

    public void ProgramWord(int address, ReadOnlySpan<byte> word)
    {
        mirror.RequireErased(address, word);
        while (length < address + word.Length)
        {
            var rest = PageSize - (int)(length % PageSize);
            file.Write(erased.AsSpan(0, rest), length);
            length += rest;
        }

        file.Write(word, address);
        mirror.ProgramWord(address, word);
    }

    public void Sync() => file.Sync();

    public void Dispose() => file.Dispose();

    private void Load()
    {
        var page = new byte[PageSize];
        for (var index = 0; index < PageCount && (long)index * PageSize < length; index++)
        {
            var offset = (long)index * PageSize;
            erased.CopyTo(page, 0);
            file.ReadExactly(page.AsSpan(0, (int)Math.Min(PageSize, length - offset)), offset);
            mirror.Load(index, page);
        }
    }
}
