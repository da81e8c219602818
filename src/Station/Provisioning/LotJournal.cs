using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Station.Provisioning;

/// <summary>
/// What a station knows about a lot, on disk before it acts (docs/spec/provisioning.md §10): which chips were
/// begun, which gave a receipt, which were refused. Records: [0, H(Order)], [1, chip ID, socket], [2, chip
/// ID, receipt], [3, chip ID, reason].
/// </summary>
public sealed class LotJournal : IDisposable
{
    private const int MaxName = 128;
    private const int MaxReceipt = 512;

    private readonly HashSet<ChipId> open = [];
    private readonly Dictionary<ChipId, byte[]> receipts = [];
    private readonly string path;
    private readonly Journal journal;
    private byte[]? lot;

    private LotJournal(string path)
    {
        this.path = path;
        journal = Journal.Open(path, entry => Take(entry.Record.Span));
    }

    private enum Record
    {
        Lot = 0,
        Begun = 1,
        Receipt = 2,
        Refused = 3,
    }

    /// <summary>Receipts by chip, byte for byte as the chips gave them.</summary>
    public IReadOnlyDictionary<ChipId, byte[]> Receipts => receipts;

    /// <summary>
    /// Chips that were begun and of which it is not known how they ended: a crash came in between.
    /// </summary>
    public IReadOnlyCollection<ChipId> Unresolved => open;

    /// <summary>How much of the quota is spent, or may be.</summary>
    public int Spent => receipts.Count + open.Count;

    /// <summary>
    /// Opens the journal of this order's run. A new run needs a new file, a resumed one its old file;
    /// anything else is an <see cref="IOException"/> that says so.
    /// </summary>
    public static LotJournal Open(string path, Digest order, bool resume)
    {
        var opened = new LotJournal(path);
        try
        {
            opened.Begin(order, resume);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>This chip will be provisioned now.</summary>
    public void Begun(ChipId chip, string socket) =>
        Append(Record.Begun, chip, writer => writer.Text(EndOf(socket)));

    /// <summary>This chip gave its receipt.</summary>
    public void Completed(ChipId chip, ReadOnlyMemory<byte> receipt) =>
        Append(Record.Receipt, chip, writer => writer.Bytes(receipt.Span));

    /// <summary>This chip refused; nothing in it has changed.</summary>
    public void Refused(ChipId chip, Refusal refusal) =>
        Append(Record.Refused, chip, writer => writer.Text(refusal.Name));

    public void Dispose() => journal.Dispose();

    private void Begin(Digest order, bool resume)
    {
        var mine = CborItem.Array((int)Record.Lot, order);
        if (lot is null)
        {
            journal.Append(mine);
            lot = mine;
        }
        else if (!resume)
        {
            throw new IOException($"{path} holds a run already: resume it, or name another journal.");
        }
        else if (!lot.AsSpan().SequenceEqual(mine))
        {
            throw new IOException($"{path} is the journal of another order.");
        }
    }

    // What tells sockets apart stands at the end of their names.
    private static string EndOf(string socket)
    {
        while (Encoding.UTF8.GetByteCount(socket) > MaxName)
        {
            socket = socket[1..];
        }

        return socket;
    }

    private void Append(Record kind, ChipId chip, Action<CborWriter> rest)
    {
        using var writer = new CborWriter(MaxReceipt);
        writer.Array(3).UInt((uint)kind).Bytes(chip.ToArray());
        rest(writer);
        journal.Append(writer.Written);
        Take(writer.Written);
    }

    private void Take(ReadOnlySpan<byte> record)
    {
        if (lot is null)
        {
            lot = record.ToArray();
            return;
        }

        var reader = new CborReader(record);
        reader.Array(3, 3);
        var kind = (Record)reader.UInt32((uint)Record.Refused);
        var chip = ChipId.Read(ref reader);
        if (kind == Record.Receipt)
        {
            receipts[chip] = reader.Bytes(1, MaxReceipt).ToArray();
        }
        else
        {
            reader.Text(0, MaxName);
        }

        _ = kind == Record.Begun ? open.Add(chip) : open.Remove(chip);
        reader.EndArray();
        if (reader.Finish() is { } why)
        {
            throw new IOException($"{path} is damaged: {why}");
        }
    }
}
