using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Microsoft.Win32.SafeHandles;

namespace Keywright.Chips;

/// <summary>
/// The file "silicon": a log of entries, each length (4 bytes) ‖ CBOR ‖ check (8 bytes, begin of H(previous
/// check ‖ CBOR)). The first entry is the die and its registers, {0: 1, 1: immutable memory, 2: C, 3: pages,
/// 4: page size, 5: registers}; each other one is a monotonic update. An entry torn by a crash at the end of
/// the log has not happened. A log that has grown is written anew beside the old one and takes its place by
/// renaming.
/// </summary>
internal sealed class SiliconFile : IMonotonic, IDisposable
{
    public const string FileName = "silicon";

    private const int LengthSize = 4;
    private const int CheckSize = 8;
    private const int CompactAtBytes = 16 * 1024;

    private readonly string path;
    private SafeFileHandle file;
    private byte[] check = new byte[CheckSize];
    private long end;

    private SiliconFile(string path, SafeFileHandle file)
    {
        this.path = path;
        this.file = file;
        Die = null!;
        State = MonotonicState.Fresh;
    }

    public Die Die { get; private set; }

    public MonotonicState State { get; private set; }

    /// <summary>Writes a new die; when it returns, the chip is there, and not before.</summary>
    public static void Create(string folder, Die die)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            throw new IOException($"{folder} holds a chip already.");
        }

        var file = PrivateFile.OpenAlone(path + ".new", FileMode.Create);
        using var made = new SiliconFile(path, file) { Die = die };
        made.Append(made.FirstEntry());
        File.Move(path + ".new", path);
    }

    public static SiliconFile Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new IOException($"{folder} holds no chip.");
        }

        var opened = new SiliconFile(path, PrivateFile.OpenAlone(path, FileMode.Open));
        try
        {
            opened.Replay();
        }
        catch
        {
            opened.Dispose();
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
        if (end > CompactAtBytes)
        {
            Compact();
        }
    }

    public void Dispose() => file.Dispose();

    private void Append(ReadOnlySpan<byte> content)
    {
        var entry = new byte[LengthSize + content.Length + CheckSize];
        BinaryPrimitives.WriteUInt32BigEndian(entry, (uint)content.Length);
        content.CopyTo(entry.AsSpan(LengthSize));
        var next = Check(content);
        next.CopyTo(entry, LengthSize + content.Length);
        RandomAccess.Write(file, entry, end);
        RandomAccess.FlushToDisk(file);
        CryptographicOperations.ZeroMemory(entry);
        check = next;
        end += entry.Length;
    }

    private void Replay()
    {
        var log = GC.AllocateUninitializedArray<byte>((int)RandomAccess.GetLength(file), pinned: true);
        RandomAccess.Read(file, log, 0);
        while (Entry(log.AsSpan((int)end)) is { Length: > 0 } content)
        {
            if (end == 0)
            {
                ReadFirstEntry(content);
            }
            else
            {
                var reader = new CborReader(content);
                var update = MonotonicUpdate.Read(ref reader);
                Sound(reader.Finish());
                State = State.After(update);
            }

            check = Check(content);
            end += LengthSize + content.Length + CheckSize;
        }

        CryptographicOperations.ZeroMemory(log);
        if (end == 0)
        {
            throw new IOException($"{path} is damaged.");
        }

        RandomAccess.SetLength(file, end);
    }

    private ReadOnlySpan<byte> Entry(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < LengthSize + CheckSize)
        {
            return default;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - LengthSize - CheckSize)
        {
            return default;
        }

        var content = rest.Slice(LengthSize, (int)length);
        return rest.Slice(LengthSize + (int)length, CheckSize).SequenceEqual(Check(content))
            ? content
            : default;
    }

    private byte[] Check(ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(check);
        hash.AppendData(content);
        return hash.GetHashAndReset()[..CheckSize];
    }

    private void Compact()
    {
        var old = file;
        end = 0;
        check = new byte[CheckSize];
        file = PrivateFile.OpenAlone(path + ".new", FileMode.Create);
        Append(FirstEntry());
        File.Move(path + ".new", path, overwrite: true);
        old.Dispose();
    }

    private byte[] FirstEntry()
    {
        using var immutable = new CborWriter(512);
        Die.Immutable.Write(immutable);
        using var registers = new CborWriter(256);
        State.Write(registers);
        using var writer = new CborWriter(1024);
        writer.Map(6).Key(0).UInt(1).Key(1).Bytes(immutable.Written).Key(2).Bytes(Die.Key.Expose());
        writer.Key(3).UInt((ulong)Die.PageCount).Key(4).UInt((ulong)Die.PageSize);
        writer.Key(5).Bytes(registers.Written);
        return writer.ToArray();
    }

    private void ReadFirstEntry(ReadOnlySpan<byte> content)
    {
        var reader = new CborReader(content);
        reader.Map(6, 6);
        reader.Version(1);
        reader.Key(1);
        var immutable = reader.Bytes(0, content.Length);
        reader.Key(2);
        var key = new ChipKey(reader.Bytes(ChipKey.Size));
        reader.Key(3);
        var pageCount = (int)reader.UInt(1 << 20);
        reader.Key(4);
        var pageSize = (int)reader.UInt(1 << 16);
        reader.Key(5);
        var registers = new CborReader(reader.Bytes(0, content.Length));
        reader.EndMap();
        Sound(reader.Finish());
        State = MonotonicState.Read(ref registers);
        Sound(registers.Finish());
        Die = new Die(ImmutableMemory.Read(immutable).OrThrow(), key, pageCount, pageSize);
    }

    private void Sound(Refusal? why)
    {
        if (why is not null)
        {
            throw new IOException($"{path} is damaged: {why}");
        }
    }
}
