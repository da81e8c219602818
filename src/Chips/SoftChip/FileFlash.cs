using Keywright.Device.Chip;

namespace Keywright.Chips;

/// <summary>
/// Flash in the file "flash", byte for byte; what lies beyond its end is erased. Words that follow each other
/// in a page reach the kernel together, in order with everything else, and outlive the process then: a
/// process that is killed before is a chip that lost its power. <see cref="Sync"/> makes all outlive the
/// machine. When a write fails, the flash is closed: the chip boots again from what reached the file.
/// </summary>
internal sealed class FileFlash : IFlash, IDisposable
{
    public const string FileName = "flash";

    private readonly PrivateFile file;
    private readonly MemoryFlash mirror;
    private readonly byte[] erased;
    private readonly byte[] run;
    private long length;
    private int runAt;
    private int runLength;
    private bool isClosed;

    public FileFlash(string folder, int pageCount, int pageSize)
    {
        var path = Path.Combine(folder, FileName);
        var isNew = !File.Exists(path);
        mirror = new MemoryFlash(pageCount, pageSize);
        run = new byte[pageSize];
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

    public void Read(int address, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        mirror.Read(address, destination);
    }

    public void ErasePage(int page)
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        WriteRun();
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
        ObjectDisposedException.ThrowIf(isClosed, this);
        mirror.ProgramWord(address, word);
        if (address != runAt + runLength)
        {
            WriteRun();
            runAt = address;
        }

        word.CopyTo(run.AsSpan(runLength));
        runLength += word.Length;
        if ((runAt + runLength) % PageSize == 0)
        {
            WriteRun();
        }
    }

    public void Sync()
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        WriteRun();
        file.Sync();
    }

    public void Dispose()
    {
        try
        {
            WriteRun();
        }
        finally
        {
            Close();
        }
    }

    private void WriteRun()
    {
        var (at, count) = (runAt, runLength);
        (runAt, runLength) = (runAt + runLength, 0);
        try
        {
            if (count > 0)
            {
                Write(run.AsSpan(0, count), at);
            }
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>The file stays one of whole pages: the first words in a page bring its rest, erased.</summary>
    private void Write(ReadOnlySpan<byte> words, int at)
    {
        for (; length <= at; length += PageSize)
        {
            file.Write(erased, length);
        }

        file.Write(words, at);
    }

    private void Close()
    {
        isClosed = true;
        file.Dispose();
    }

    /// <summary>A last page that was torn is completed, erased.</summary>
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

        if (length % PageSize is > 0 and var torn)
        {
            file.Write(erased.AsSpan((int)torn), length);
            length += PageSize - torn;
        }
    }
}
