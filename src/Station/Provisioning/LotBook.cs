using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Station.Provisioning;

/// <summary>Where a chip stands that was issued: exactly one of these.</summary>
public enum ChipStanding
{
    /// <summary>Begun, and it is not known how that ended.</summary>
    Open,

    /// <summary>It gave its receipt.</summary>
    Provisioned,

    /// <summary>It refused when it was tried last; it holds nothing of this order.</summary>
    Failed,

    /// <summary>Given up, whatever it holds.</summary>
    Scrapped,
}

/// <summary>All that the journal says of one chip.</summary>
public sealed record LotChip(ChipId Chip)
{
    /// <summary>Where it was tried last.</summary>
    public string Socket { get; init; } = "";

    /// <summary>How often it was begun.</summary>
    public int Tries { get; init; }

    public DeviceId? Serial { get; init; }

    public ReadOnlyMemory<byte>? Receipt { get; init; }

    /// <summary>Whether it was begun, and it is not known how that ended.</summary>
    public bool IsUnresolved { get; init; }

    /// <summary>The reason of the last refusal.</summary>
    public string? RefusedAs { get; init; }

    /// <summary>Why it was given up.</summary>
    public string? ScrappedFor { get; init; }

    /// <summary>To whom it was given back.</summary>
    public string? ReturnedTo { get; init; }

    public ChipStanding Standing =>
        ScrappedFor is not null ? ChipStanding.Scrapped :
        Receipt is not null ? ChipStanding.Provisioned :
        IsUnresolved ? ChipStanding.Open :
        ChipStanding.Failed;

    /// <summary>Whether it fills a place of the quota: also scrap does, when the chip may hold its keys.</summary>
    public bool MayHoldKeys => Receipt is not null || IsUnresolved;

    /// <summary>Whether it has left the line for good.</summary>
    public bool IsRemoved => ScrappedFor is not null || ReturnedTo is not null;
}

/// <summary>
/// What a lot's journal says, record by record (docs/spec/provisioning.md §10). Every chip that was ever begun
/// is issued: issued = provisioned + failed + scrapped + open.
/// </summary>
public sealed class LotBook
{
    internal const int MaxText = 128;
    private const int MaxReceipt = 512;

    private readonly Dictionary<ChipId, LotChip> chips = [];
    private readonly Dictionary<DeviceId, ChipId> serials = [];
    private readonly string path;

    internal LotBook(string path) => this.path = path;

    internal enum Record
    {
        Lot = 0,
        Begun = 1,
        Receipt = 2,
        Refused = 3,
        Scrapped = 4,
        Returned = 5,
    }

    /// <summary>H(Order); null in an empty journal.</summary>
    public Digest? Order { get; private set; }

    /// <summary>Every chip that was begun.</summary>
    public IReadOnlyCollection<LotChip> Chips => chips.Values;

    /// <summary>Receipts by chip, byte for byte as the chips gave them.</summary>
    public IReadOnlyDictionary<ChipId, ReadOnlyMemory<byte>> Receipts => chips.Values
        .Where(chip => chip.Receipt is not null)
        .ToDictionary(chip => chip.Chip, chip => chip.Receipt!.Value);

    /// <summary>How much of the quota is spent, or may be.</summary>
    public int Spent { get; private set; }

    /// <summary>
    /// Reads a journal without changing it; one that is not there is empty. Throws <see cref="IOException"/>
    /// while somebody has it open, and when it is damaged.
    /// </summary>
    public static LotBook Read(string path)
    {
        var book = new LotBook(path);
        if (File.Exists(path))
        {
            Journal.Read(path, entry => book.Take(entry.Record.Span));
        }

        return book;
    }

    public LotChip? Find(ChipId chip) => chips.GetValueOrDefault(chip);

    /// <summary>The chip that this serial was read for.</summary>
    public LotChip? Find(DeviceId serial) => serials.TryGetValue(serial, out var chip) ? chips[chip] : null;

    public int Count(ChipStanding standing) => chips.Values.Count(chip => chip.Standing == standing);

    internal void Take(ReadOnlySpan<byte> record)
    {
        var reader = new CborReader(record);
        var items = reader.Array(2, 4);
        var kind = (Record)reader.UInt32((uint)Record.Returned);
        if (Order is null)
        {
            Order = reader.Digest();
            Finish(ref reader, kind == Record.Lot && items == 2);
            return;
        }

        var id = ChipId.Read(ref reader);
        var before = chips.GetValueOrDefault(id);
        var after = Apply(ref reader, kind, before ?? new LotChip(id), withSerial: items == 4);
        Finish(ref reader, (items == 3 || items == 4 && kind == Record.Begun)
            && kind != Record.Lot && IsPossible(kind, before));
        chips[id] = after;
        Spent += (after.MayHoldKeys ? 1 : 0) - (before?.MayHoldKeys == true ? 1 : 0);
        if (after.Serial is { } serial)
        {
            serials[serial] = id;
        }
    }

    // Nothing happens to a chip that was not begun, or after it was removed; but scrap can be given back.
    private static bool IsPossible(Record kind, LotChip? before) =>
        kind == Record.Returned ? before is { Standing: ChipStanding.Failed or ChipStanding.Scrapped } :
        before is null ? kind == Record.Begun :
        !before.IsRemoved || kind == Record.Scrapped;

    private static LotChip Apply(ref CborReader reader, Record kind, LotChip chip, bool withSerial)
    {
        switch (kind)
        {
            case Record.Begun:
                chip = chip with
                {
                    Socket = reader.Text(0, MaxText),
                    Tries = chip.Tries + 1,
                    IsUnresolved = true,
                };
                return withSerial ? chip with { Serial = DeviceId.Read(ref reader) } : chip;
            case Record.Receipt:
                return chip with
                {
                    Receipt = reader.Bytes(1, MaxReceipt).ToArray(),
                    IsUnresolved = false,
                    RefusedAs = null,
                };
            case Record.Refused:
                return chip with { RefusedAs = reader.Text(0, MaxText), IsUnresolved = false };
            case Record.Scrapped:
                return chip with { ScrappedFor = reader.Text(0, MaxText) };
            default:
                return chip with { ReturnedTo = reader.Text(0, MaxText) };
        }
    }

    private void Finish(ref CborReader reader, bool isSound)
    {
        reader.EndArray();
        if (reader.Finish() is { } why)
        {
            throw new IOException($"{path} is damaged: {why}");
        }

        if (!isSound)
        {
            throw new IOException($"{path} is damaged: a record is out of place");
        }
    }
}
