using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol;

namespace Keywright.Station;

/// <summary>
/// The station's journal (docs/spec/journal.md): a file of entries that only grows. What <see cref="Append"/>
/// returned from is on the disk; an entry that a power cut tore is dropped when the file is opened again. An
/// entry may carry a secret, which is overwritten where it stands once it has served. One process at a time.
/// </summary>
public sealed class Journal : IDisposable
{
    /// <summary>The longest record, in bytes: 8 MiB.</summary>
    public const int MaxRecordBytes = 8 << 20;

    /// <summary>The longest secret, in bytes.</summary>
    public const int MaxSecretBytes = 4096;

    private const int HeadBytes = 4 + 4 + Digest.Size;

    private readonly FileStream file;

    private Journal(FileStream file) => this.file = file;

    /// <summary>
    /// Opens the file, makes it when it is not there, and hands its entries to <paramref name="replay"/>,
    /// oldest first.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged elsewhere than at its end.</exception>
    /// <exception cref="IOException">Another process has it open.</exception>
    public static Journal Open(string path, Action<JournalEntry> replay)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var journal = new Journal(new FileStream(path, options));
        try
        {
            journal.Replay(replay);
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Hands its entries to <paramref name="replay"/> as opening it would, and changes nothing: a torn entry at
    /// the end stays where it is.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged elsewhere than at its end.</exception>
    /// <exception cref="IOException">Another process has it open.</exception>
    public static void Read(string path, Action<JournalEntry> replay)
    {
        using var journal = new Journal(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        journal.Replay(replay);
    }

    /// <summary>Adds an entry; it is durable on return. The secret is wrapped by whoever gives it.</summary>
    public JournalEntry Append(ReadOnlySpan<byte> record, ReadOnlySpan<byte> secret = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Length, MaxRecordBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MaxSecretBytes);
        var entry = new byte[HeadBytes + record.Length + Digest.Size + secret.Length];
        BinaryPrimitives.WriteInt32BigEndian(entry, record.Length);
        BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(4), secret.Length);
        Digest.Of(secret).CopyTo(entry.AsSpan(8));
        record.CopyTo(entry.AsSpan(HeadBytes));
        var checkedBytes = HeadBytes + record.Length;
        Digest.Of(entry.AsSpan(0, checkedBytes)).CopyTo(entry.AsSpan(checkedBytes));
        secret.CopyTo(entry.AsSpan(checkedBytes + Digest.Size));

        var position = file.Seek(0, SeekOrigin.End);
        file.Write(entry);
        file.Flush(flushToDisk: true);
        return new JournalEntry(
            record.ToArray(), secret.ToArray(), position + checkedBytes + Digest.Size, secret.Length);
    }

    /// <summary>Overwrites the secret of an entry that is not the last; durable on return.</summary>
    public void Erase(JournalEntry entry)
    {
        if (entry.SecretPosition + entry.SecretLength >= file.Length)
        {
            throw new InvalidOperationException("The last entry's secret is needed.");
        }

        file.Position = entry.SecretPosition;
        file.Write(new byte[entry.SecretLength]);
        file.Flush(flushToDisk: true);
    }

    public void Dispose() => file.Dispose();

    private void Replay(Action<JournalEntry> replay)
    {
        for (var position = 0L; position < file.Length;)
        {
            if (Read(position) is not { } entry || (entry.Secret is null && entry.End == file.Length))
            {
                DropTail(position);
                return;
            }

            replay(entry);
            position = entry.End;
        }
    }

    /// <summary>
    /// A torn entry is the last; when a whole one follows, the file was damaged, and nothing is dropped.
    /// </summary>
    private void DropTail(long position)
    {
        for (var later = position + 1; later + HeadBytes + Digest.Size <= file.Length; later++)
        {
            if (Read(later) is not null)
            {
                throw new InvalidDataException(
                    $"{file.Name} is damaged at byte {position}: keep it, and enrol the station anew");
            }
        }

        if (file.CanWrite)
        {
            file.SetLength(position);
            file.Flush(flushToDisk: true);
        }
    }

    private JournalEntry? Read(long position)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        file.Position = position;
        if (file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes)
        {
            return null;
        }

        var recordLength = BinaryPrimitives.ReadInt32BigEndian(head);
        var secretLength = BinaryPrimitives.ReadInt32BigEndian(head[4..]);
        if (recordLength is < 0 or > MaxRecordBytes || secretLength is < 0 or > MaxSecretBytes
            || file.Length - position - HeadBytes < (long)recordLength + Digest.Size + secretLength)
        {
            return null;
        }

        var rest = new byte[recordLength + Digest.Size + secretLength];
        file.ReadExactly(rest);
        using var check = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        check.AppendData(head);
        check.AppendData(rest.AsSpan(0, recordLength));
        if (!rest.AsSpan(recordLength, Digest.Size).SequenceEqual(check.GetHashAndReset()))
        {
            return null;
        }

        var secret = rest.AsSpan(recordLength + Digest.Size);
        var whole = Digest.Of(secret) == new Digest(head[8..]);
        return new JournalEntry(
            rest.AsSpan(0, recordLength).ToArray(),
            whole ? secret.ToArray() : null,
            position + HeadBytes + recordLength + Digest.Size,
            secretLength);
    }
}

/// <summary>One entry of a journal.</summary>
public sealed class JournalEntry
{
    internal JournalEntry(byte[] record, byte[]? secret, long secretPosition, int secretLength)
    {
        Record = record;
        Secret = secret;
        SecretPosition = secretPosition;
        SecretLength = secretLength;
    }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Record { get; }

    /// <summary>The secret as it was given; null when it was erased.</summary>
    public byte[]? Secret { get; }

    internal long SecretPosition { get; }

    internal int SecretLength { get; }

    internal long End => SecretPosition + SecretLength;
}
