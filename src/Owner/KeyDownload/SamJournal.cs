using System.Buffers.Binary;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// The SAM's file of events (docs/spec/keydownload.md §8.1): "KWSAM1" ‖ records, each length (4 bytes) ‖ its
/// complement ‖ E0 under KDF(SAM key, "sam journal") with [number, H(record before)] as associated data. An
/// event is on the disk before <see cref="Append"/> returns. One process at a time holds the file.
/// </summary>
public sealed class SamJournal : IDisposable
{
    private const int PrefixSize = 8;
    private const int NonceSize = 12;
    private const int MaxRecord = SamEvent.MaxSize + 64;

    private readonly FileStream file;
    private readonly SealKey key;
    private readonly IEntropy entropy;
    private long end;
    private ulong next;
    private Digest before = Digest.Zero;

    private SamJournal(FileStream file, SealKey samKey, IEntropy entropy)
    {
        this.file = file;
        this.entropy = entropy;
        key = Kdf.Derive<SealKey>(samKey, "sam journal", CborItem.Array());
    }

    private static ReadOnlySpan<byte> Magic => "KWSAM1"u8;

    /// <summary>Makes a file that must not be there yet, with its first event.</summary>
    /// <exception cref="IOException">A file is there, or it cannot be written.</exception>
    public static SamJournal Create(string path, SealKey samKey, IEntropy entropy, SamEvent first)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var journal = new SamJournal(new FileStream(path, options), samKey, entropy);
        journal.file.Write(Magic);
        journal.end = Magic.Length;
        journal.Append(first);
        return journal;
    }

    /// <summary>
    /// Opens a file and gives all its events. A last record that is cut short or does not open is what a
    /// power cut left of an answer that was never given: it is dropped. Refusals: BadSeal (another SAM key,
    /// or changed), Malformed, TooLarge.
    /// </summary>
    /// <exception cref="IOException">It is not there, or another process holds it.</exception>
    public static Outcome<(SamJournal Journal, IReadOnlyList<SamEvent> Events)> Open(
        string path, SealKey samKey, IEntropy entropy)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var journal = new SamJournal(file, samKey, entropy);
        if (journal.ReadAll().Refused(out var events, out var why))
        {
            journal.Dispose();
            return why with { Detail = $"{path}: {why.Detail}" };
        }

        return (journal, events);
    }

    /// <summary>Adds an event, durably.</summary>
    public void Append(SamEvent happened)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        entropy.Fill(nonce);
        var record = Encrypt0Sealer.Seal(key, nonce, Context(), happened.Encode());
        Span<byte> prefix = stackalloc byte[PrefixSize];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, (uint)record.Length);
        BinaryPrimitives.WriteUInt32BigEndian(prefix[sizeof(uint)..], ~(uint)record.Length);

        // Over what a power cut or a full disk has left of the last one.
        file.SetLength(end);
        file.Position = end;
        file.Write([.. prefix, .. record]);
        file.Flush(flushToDisk: true);
        Passed(record);
    }

    public void Dispose()
    {
        file.Dispose();
        key.Dispose();
    }

    private Outcome<IReadOnlyList<SamEvent>> ReadAll()
    {
        Span<byte> magic = stackalloc byte[Magic.Length];
        if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length
            || !magic.SequenceEqual(Magic))
        {
            return new Refusal(Reason.Malformed, "not the file of a SAM");
        }

        var events = new List<SamEvent>();
        end = file.Position;
        while (file.Position < file.Length)
        {
            if (NextRecord().Refused(out var record, out var broken))
            {
                return broken;
            }

            if (record.Length == 0)
            {
                break;
            }

            var opened = Encrypt0Opener.Open(key, Context(), record, SamEvent.MaxSize);
            if (opened.Refused(out var content, out var why))
            {
                if (events.Count > 0 && file.Position == file.Length)
                {
                    break;
                }

                return new Refusal(
                    Reason.BadSeal, $"record {next}: another SAM key, or changed ({why.Name})");
            }

            if (SamEvent.Parse(content).Refused(out var happened, out var unreadable))
            {
                return unreadable with { Detail = $"record {next}: {unreadable.Detail}" };
            }

            events.Add(happened);
            Passed(record);
        }

        return events.Count > 0
            ? events
            : new Refusal(Reason.Malformed, "the file of a SAM that was never made");
    }

    /// <summary>Nothing for what is cut short, or was made room for and never written.</summary>
    private Outcome<byte[]> NextRecord()
    {
        Span<byte> prefix = stackalloc byte[PrefixSize];
        if (file.ReadAtLeast(prefix, PrefixSize, throwOnEndOfStream: false) < PrefixSize)
        {
            return Array.Empty<byte>();
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix);
        var complement = BinaryPrimitives.ReadUInt32BigEndian(prefix[sizeof(uint)..]);
        if (length != ~complement || length is 0 or > MaxRecord)
        {
            return prefix.ContainsAnyExcept((byte)0) || RestIsWritten()
                ? new Refusal(Reason.BadSeal, $"record {next}: its length was changed")
                : Array.Empty<byte>();
        }

        if (length > file.Length - file.Position)
        {
            return Array.Empty<byte>();
        }

        var record = new byte[length];
        file.ReadExactly(record);
        return record;
    }

    private bool RestIsWritten()
    {
        for (int value; (value = file.ReadByte()) >= 0;)
        {
            if (value != 0)
            {
                return true;
            }
        }

        return false;
    }

    private byte[] Context() => CborItem.Array(next, before);

    private void Passed(byte[] record)
    {
        end = file.Position;
        next++;
        before = Digest.Of(record);
    }
}
