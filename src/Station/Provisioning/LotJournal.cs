using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Station.Provisioning;

/// <summary>
/// What a station knows about a lot, on disk before it acts (docs/spec/provisioning.md §10): which chips were
/// begun, which gave a receipt, refused, were scrapped or given back. Used by one thread at a time.
/// </summary>
public sealed class LotJournal : IDisposable
{
    private const int MaxRecord = 640;

    private readonly string path;
    private readonly Journal journal;

    private LotJournal(string path)
    {
        this.path = path;
        Book = new LotBook(path);
        journal = Journal.Open(path, entry => Book.Take(entry.Record.Span));
    }

    /// <summary>What it says so far.</summary>
    public LotBook Book { get; }

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
    public void Begun(ChipId chip, string socket, DeviceId? serial = null)
    {
        using var writer = new CborWriter(MaxRecord);
        writer.Array(serial is null ? 3 : 4).UInt((uint)LotBook.Record.Begun).Bytes(chip.ToArray());
        writer.Text(EndOf(socket));
        if (serial is { } read)
        {
            writer.Text(read.ToString());
        }

        Append(writer);
    }

    /// <summary>This chip gave its receipt.</summary>
    public void Completed(ChipId chip, ReadOnlyMemory<byte> receipt) =>
        Append(LotBook.Record.Receipt, chip, writer => writer.Bytes(receipt.Span));

    /// <summary>This chip refused; nothing in it has changed.</summary>
    public void Refused(ChipId chip, Refusal refusal) =>
        Append(LotBook.Record.Refused, chip, writer => writer.Text(refusal.Name));

    /// <summary>
    /// This chip is given up, for good. The same again is no matter. Refusals: UnknownChip, TooLarge.
    /// </summary>
    public Refusal? Scrap(ChipId chip, string why)
    {
        if (Judge(chip, why) is { } refusal)
        {
            return refusal;
        }

        if (Book.Find(chip)!.ScrappedFor is null)
        {
            Append(LotBook.Record.Scrapped, chip, writer => writer.Text(why));
        }

        return null;
    }

    /// <summary>
    /// This chip, which failed or was scrapped, was handed to somebody outside. The same again is no matter.
    /// Refusals: UnknownChip, WrongLifecycle (neither failed nor scrapped), TooLarge.
    /// </summary>
    public Refusal? Return(ChipId chip, string toWhom)
    {
        if (Judge(chip, toWhom) is { } refusal)
        {
            return refusal;
        }

        var known = Book.Find(chip)!;
        if (known.Standing is ChipStanding.Provisioned or ChipStanding.Open)
        {
            return new Refusal(
                Reason.WrongLifecycle,
                $"chip {chip} is {known.Standing.ToString().ToLowerInvariant()} here: scrap it first");
        }

        if (known.ReturnedTo is null)
        {
            Append(LotBook.Record.Returned, chip, writer => writer.Text(toWhom));
        }

        return null;
    }

    public void Dispose() => journal.Dispose();

    private Refusal? Judge(ChipId chip, string text) =>
        Book.Find(chip) is null
            ? new Refusal(Reason.UnknownChip, $"chip {chip} was never begun in {path}") :
        Encoding.UTF8.GetByteCount(text) > LotBook.MaxText
            ? new Refusal(Reason.TooLarge, $"a note has at most {LotBook.MaxText} bytes") :
        null;

    private void Begin(Digest order, bool resume)
    {
        if (Book.Order is not { } held)
        {
            var first = CborItem.Array((int)LotBook.Record.Lot, order);
            journal.Append(first);
            Book.Take(first);
        }
        else if (!resume)
        {
            throw new IOException($"{path} holds a run already: resume it, or name another journal.");
        }
        else if (held != order)
        {
            throw new IOException($"{path} is the journal of another order.");
        }
    }

    // What tells sockets apart stands at the end of their names.
    private static string EndOf(string socket)
    {
        while (Encoding.UTF8.GetByteCount(socket) > LotBook.MaxText)
        {
            socket = socket[1..];
        }

        return socket;
    }

    private void Append(LotBook.Record kind, ChipId chip, Action<CborWriter> rest)
    {
        using var writer = new CborWriter(MaxRecord);
        writer.Array(3).UInt((uint)kind).Bytes(chip.ToArray());
        rest(writer);
        Append(writer);
    }

    private void Append(CborWriter writer)
    {
        journal.Append(writer.Written);
        Book.Take(writer.Written);
    }
}
