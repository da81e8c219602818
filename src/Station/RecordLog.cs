using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Keywright.Station;

/// <summary>
/// An append-only file of records (docs/spec/provisioning.md §10): each length (4 bytes, big-endian) ‖
/// content ‖ check (8 bytes, the begin of H(previous check ‖ content)). A record is durable when <see
/// cref="Append"/> returns; one that a crash has torn at the end has not happened. One process at a time
/// holds the file.
/// </summary>
public sealed class RecordLog : IDisposable
{
    /// <summary>The longest record.</summary>
    public const int MaxRecordBytes = 65536;

    private const int LengthSize = 4;
    private const int CheckSize = 8;

    private readonly SafeFileHandle file;
    private readonly List<byte[]> records = [];
    private byte[] check = new byte[CheckSize];
    private long end;

    private RecordLog(SafeFileHandle file) => this.file = file;

    /// <summary>All records, in order.</summary>
    public IReadOnlyList<byte[]> Records => records;

    /// <summary>
    /// Opens or creates. Throws <see cref="IOException"/>, also when another process holds it.
    /// </summary>
    public static RecordLog Open(string path)
    {
        var log = new RecordLog(
            File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        try
        {
            log.Replay();
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Appends a record; it lasts when this returns.</summary>
    public void Append(ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxRecordBytes);
        var record = new byte[LengthSize + content.Length + CheckSize];
        BinaryPrimitives.WriteInt32BigEndian(record, content.Length);
        content.CopyTo(record.AsSpan(LengthSize));
        var next = CheckOf(content);
        next.CopyTo(record, LengthSize + content.Length);
        RandomAccess.Write(file, record, end);
        RandomAccess.FlushToDisk(file);
        check = next;
        end += record.Length;
        records.Add(content.ToArray());
    }

    public void Dispose() => file.Dispose();

    private void Replay()
    {
        var bytes = new byte[RandomAccess.GetLength(file)];
        RandomAccess.Read(file, bytes, 0);
        while (bytes.Length - end >= LengthSize + CheckSize)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan((int)end));
            if (size < 0 || size > bytes.Length - end - LengthSize - CheckSize)
            {
                break;
            }

            var content = bytes.AsSpan((int)end + LengthSize, size);
            var next = CheckOf(content);
            if (!bytes.AsSpan((int)end + LengthSize + size, CheckSize).SequenceEqual(next))
            {
                break;
            }

            records.Add(content.ToArray());
            check = next;
            end += LengthSize + size + CheckSize;
        }

        RandomAccess.SetLength(file, end);
    }

    private byte[] CheckOf(ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(check);
        hash.AppendData(content);
        return hash.GetHashAndReset()[..CheckSize];
    }
}
