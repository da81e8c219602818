using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Chips;

/// <summary>
/// The file "silicon" (docs/spec/chip.md §10): a log of entries, each length (4 bytes) ‖ CBOR ‖ check (8
/// bytes, begin of H(previous check ‖ CBOR)). The first entry is the die and its registers (<see
/// cref="DieEntry"/>); each other one is a monotonic update. A last entry that a crash has torn has not
/// happened. A log that has grown is written anew beside the old one and takes its place by renaming.
/// </summary>
internal sealed class SiliconFile : IMonotonic, IDisposable
{
    public const string FileName = "silicon";

    private const string NewSuffix = ".new";
    private const int LengthSize = 4;
    private const int CheckSize = 8;
    private const int CompactAtBytes = 16 * 1024;

    private readonly string path;
    private readonly Func<string, PrivateFile> create;
    private PrivateFile file;
    private byte[] check = new byte[CheckSize];
    private long end;
    private long compactAt = CompactAtBytes;
    private bool nameIsDurable;

    private SiliconFile(string path, PrivateFile file, Func<string, PrivateFile> create)
    {
        this.path = path;
        this.file = file;
        this.create = create;
        Die = null!;
        State = MonotonicState.Fresh;
    }

    public Die Die { get; private set; }

    public MonotonicState State { get; private set; }

    /// <summary>Writes a new die; when it returns, the chip is there, and not before.</summary>
    public static void Create(string folder, Die die)
    {
        PrivateFile.CreateFolder(folder);
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            throw new IOException($"{folder} holds a chip already.");
        }

        using var file = PrivateFile.Create(path + NewSuffix);
        try
        {
            WriteDie(file, die, MonotonicState.Fresh);
            File.Move(path + NewSuffix, path);
        }
        catch
        {
            PrivateFile.Discard(path + NewSuffix);
            throw;
        }

        FolderSync.Sync(folder);
    }

    /// <summary>
    /// Opens a chip; tests say how the new log of a compaction is <paramref name="create"/>d.
    /// </summary>
    public static SiliconFile Open(string folder, Func<string, PrivateFile>? create = null)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new IOException($"{folder} holds no chip.");
        }

        var opened = new SiliconFile(path, PrivateFile.Open(path), create ?? PrivateFile.Create);
        try
        {
            opened.Replay();
            PrivateFile.Discard(path + NewSuffix);
        }
        catch
        {
            opened.Dispose();
            opened.Die?.Dispose();
            throw;
        }

        return opened;
    }

    public void Apply(MonotonicUpdate update)
    {
        var next = State.After(update);
        using var writer = new CborWriter(128);
        update.Write(writer);
        Append(writer.Written);
        State = next;
        if (end > compactAt)
        {
            Compact();
        }
    }

    public void Dispose() => file.Dispose();

    private void Append(ReadOnlySpan<byte> content)
    {
        MakeNameDurable();
        if (file.Length > end)
        {
            file.SetLength(end);
        }

        var entry = EntryOf(content, check);
        file.Write(entry, end);
        file.Sync();
        check = entry[^CheckSize..];
        end += entry.Length;
    }

    /// <summary>Without this, updates could go into a file whose name is lost with the power.</summary>
    private void MakeNameDurable()
    {
        if (!nameIsDurable)
        {
            FolderSync.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!);
            nameIsDurable = true;
        }
    }

    /// <summary>
    /// The update that led here is durable already: a fault leaves the old log in use, and this is tried
    /// again later.
    /// </summary>
    private void Compact()
    {
        PrivateFile? next = null;
        try
        {
            next = create(path + NewSuffix);
            var first = WriteDie(next, Die, State);
            File.Move(path + NewSuffix, path, overwrite: true);
            (next, file) = (file, next);
            (check, end) = first;
            (compactAt, nameIsDurable) = (CompactAtBytes, false);
        }
        catch (Exception fault) when (PrivateFile.IsFault(fault))
        {
            compactAt = end + CompactAtBytes;
            PrivateFile.Discard(path + NewSuffix);
        }
        finally
        {
            next?.Dispose();
        }
    }

    private static (byte[] Check, int Length) WriteDie(PrivateFile file, Die die, MonotonicState state)
    {
        using var content = DieEntry.Encode(die, state);
        var entry = EntryOf(content.Written, new byte[CheckSize]);
        try
        {
            file.Write(entry, 0);
            file.Sync();
            return (entry[^CheckSize..], entry.Length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(entry);
        }
    }

    private void Replay()
    {
        var length = file.Length;
        if (length > Array.MaxLength)
        {
            throw Damaged("it is too long");
        }

        var log = GC.AllocateUninitializedArray<byte>((int)length, pinned: true);
        try
        {
            file.ReadExactly(log, 0);
            ReplayEntries(log);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(log);
        }

        if (file.Length > end)
        {
            file.SetLength(end);
        }
    }

    private void ReplayEntries(ReadOnlySpan<byte> log)
    {
        while (end < log.Length)
        {
            var rest = log[(int)end..];
            if (!TryEntry(rest, out var content))
            {
                if (end == 0 || !CanBeTorn(rest))
                {
                    throw Damaged($"the entry at byte {end} is not what was written");
                }

                return;
            }

            if (end == 0)
            {
                (Die, State) = DieEntry.Decode(content).Refused(out var first, out var why)
                    ? throw Damaged(why.ToString())
                    : first;
            }
            else
            {
                State = After(content);
            }

            check = CheckOf(content, check);
            end += LengthSize + content.Length + CheckSize;
        }

        if (end == 0)
        {
            throw Damaged("it is empty");
        }
    }

    private MonotonicState After(ReadOnlySpan<byte> content)
    {
        var reader = new CborReader(content);
        var update = MonotonicUpdate.Read(ref reader);
        return reader.Finish() is { } why ? throw Damaged(why.ToString()) : State.After(update);
    }

    private bool TryEntry(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (rest.Length <= LengthSize + CheckSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length == 0 || length > rest.Length - LengthSize - CheckSize)
        {
            return false;
        }

        content = rest.Slice(LengthSize, (int)length);
        return rest.Slice(LengthSize + (int)length, CheckSize).SequenceEqual(CheckOf(content, check));
    }

    /// <summary>
    /// One entry at a time is written, at the end: a torn one has lost bytes, or has zeros for some. Whatever
    /// has more after it than itself was whole once.
    /// </summary>
    private static bool CanBeTorn(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < LengthSize)
        {
            return true;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        return length <= MonotonicUpdate.MaxSize
            && rest.Length <= LengthSize + (length == 0 ? MonotonicUpdate.MaxSize : length) + CheckSize;
    }

    private static byte[] EntryOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> previous)
    {
        var entry = GC.AllocateUninitializedArray<byte>(
            LengthSize + content.Length + CheckSize, pinned: true);
        BinaryPrimitives.WriteUInt32BigEndian(entry, (uint)content.Length);
        content.CopyTo(entry.AsSpan(LengthSize));
        CheckOf(content, previous).CopyTo(entry, LengthSize + content.Length);
        return entry;
    }

    private static byte[] CheckOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> previous)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(content);
        return hash.GetHashAndReset()[..CheckSize];
    }

    private IOException Damaged(string how) => new($"{path} is damaged: {how}.");
}
