using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Firmware;

namespace Keywright.Station.Firmware;

/// <summary>
/// The station's memory of first programming (docs/spec/programming.md §7): which turn comes next, the one
/// that is open, and what became of the others. Each step is durable before the next one begins; the
/// generator state of a turn is gone before its Take leaves.
/// </summary>
public sealed class ProgrammingJournal : IDisposable
{
    private const int KeySize = 32;

    private readonly StationKey stationKey;
    private readonly PublicKey programmingKey;
    private readonly Dictionary<ChipId, ClosedTurn> programmed = [];
    private readonly List<ClosedTurn> closed = [];
    private readonly List<JournalEntry> spent = [];
    private readonly Journal journal;
    private JournalEntry? holder;
    private Verified<Enrolment>? enrolment;
    private StationSecrets? secrets;

    private ProgrammingJournal(string path, StationKey stationKey, PublicKey programmingKey)
    {
        this.stationKey = stationKey;
        this.programmingKey = programmingKey;
        journal = Journal.Open(path, Replay);
        spent.ForEach(journal.Erase);
    }

    /// <summary>The station as it was enrolled.</summary>
    public Enrolment Station => enrolment!.Content;

    /// <summary>j of the next turn.</summary>
    public uint NextTurn { get; private set; }

    /// <summary>The turn that is not closed yet.</summary>
    public OpenTurn? Open { get; private set; }

    /// <summary>What became of the turns so far, oldest first.</summary>
    public IReadOnlyList<ClosedTurn> Closed => closed;

    /// <summary>
    /// Begins a journal with an enrolment; one that holds this enrolment already is left as it is. Refusals:
    /// those of <see cref="EnrolmentOpener"/>, IdentityTaken for a journal of another enrolment.
    /// </summary>
    public static Refusal? Begin(
        string path,
        ReadOnlyMemory<byte> enrolment,
        HpkePrivateKey enrolmentKey,
        PublicKey programmingKey,
        StationKey stationKey)
    {
        if (EnrolmentOpener.Verify(enrolment, programmingKey).Refused(out var verified, out var forged))
        {
            return forged;
        }

        if (EnrolmentOpener.Open(verified, enrolmentKey).Refused(out var secrets, out var why))
        {
            return why;
        }

        using (secrets)
        using (var journal = new ProgrammingJournal(path, stationKey, programmingKey))
        {
            if (journal.enrolment is null)
            {
                journal.Write(
                    new JournalRecord.Enrolled(enrolment), verified.Content, verified.Content.Turn, secrets);
                return null;
            }

            return journal.enrolment.Digest == verified.Digest
                ? null
                : new Refusal(
                    Reason.IdentityTaken, $"{path} is the journal of another enrolment: use a new file");
        }
    }

    /// <summary>Opens the journal of an enrolled station.</summary>
    /// <exception cref="InvalidDataException">It is empty or damaged, or belongs to another station key or
    /// another programming key.</exception>
    public static ProgrammingJournal Resume(string path, StationKey stationKey, PublicKey programmingKey)
    {
        var journal = new ProgrammingJournal(path, stationKey, programmingKey);
        if (journal is { enrolment: not null, secrets: not null })
        {
            return journal;
        }

        using (journal)
        {
            throw new InvalidDataException(journal.enrolment is null
                ? $"{path} holds no enrolment"
                : $"{path} is damaged, its newest records are missing: keep it, and enrol the station anew");
        }
    }

    /// <summary>What this station programmed a chip with; null when it did not.</summary>
    public ClosedTurn? Programmed(ChipId chip) => programmed.GetValueOrDefault(chip);

    /// <summary>
    /// Begins the next turn for a chip: the Take and its keys are on the disk and the generator has moved on
    /// when this returns.
    /// </summary>
    public OpenTurn BeginTurn(ChipId chip, string deviceType, Digest order, IEntropy entropy)
    {
        if (Open is not null || NextTurn > Take.MaxTurn)
        {
            throw new InvalidOperationException("A turn is open, or there is none left.");
        }

        var fresh = HpkePrivateKey.Generate(entropy);
        var turnKey = secrets!.Generator.Turn(Station.Station, NextTurn);
        var next = new StationSecrets(
            secrets.Generator.Step(Station.Station, NextTurn), MacKey.FromBytes(secrets.TakeKey.Expose()));
        var content = new Take
        {
            Station = Station.Station,
            Turn = NextTurn,
            DeviceType = deviceType,
            Order = order,
            Chip = chip,
            Fresh = fresh.Public,
        };
        var take = Message.Mac(content, secrets.TakeKey);
        Write(new JournalRecord.Taken(NextTurn, take.Bytes), Station, NextTurn + 1, next, turnKey, fresh);
        Adopt(next, NextTurn + 1);
        return Open = new OpenTurn(take, turnKey, fresh);
    }

    /// <summary>Keeps the File of the open turn, before a chip sees it.</summary>
    public void KeepFile(Verified<SealedFile> file)
    {
        journal.Append(new JournalRecord.Filed(Open!.Take.Content.Turn, file.Bytes).Encode());
        Open.File = file;
    }

    /// <summary>Closes the open turn: its keys are gone when this returns.</summary>
    public ClosedTurn Close(string result)
    {
        var take = Open!.Take.Content;
        var devices = result == ClosedTurn.Programmed ? Open.File!.Content.Devices : [];
        var record = new JournalRecord.Closed(new ClosedTurn(take.Turn, take.Chip, devices, result));
        Write(record, Station, NextTurn, secrets!);
        Note(record.Turn);
        return record.Turn;
    }

    public void Dispose()
    {
        Open?.Dispose();
        secrets?.Dispose();
        journal?.Dispose();
    }

    /// <summary>
    /// Writes a record with the secrets that hold from now on, then erases those that held before.
    /// </summary>
    private void Write(
        JournalRecord record,
        Enrolment station,
        uint turn,
        StationSecrets current,
        params ReadOnlySpan<Secret> ofTurn)
    {
        Span<byte> plain = stackalloc byte[KeySize * (2 + ofTurn.Length)];
        current.TakeKey.Expose().CopyTo(plain);
        current.Generator.Expose().CopyTo(plain[KeySize..]);
        for (var i = 0; i < ofTurn.Length; i++)
        {
            ofTurn[i].Expose().CopyTo(plain[(KeySize * (2 + i))..]);
        }

        var former = holder;
        holder = journal.Append(record.Encode(), stationKey.Wrap(plain, station.Station, turn));
        CryptographicOperations.ZeroMemory(plain);
        if (former is not null)
        {
            journal.Erase(former);
        }
    }

    private void Replay(JournalEntry entry)
    {
        var record = JournalRecord.Decode(entry.Record.Span);
        if (enrolment is null && record is not JournalRecord.Enrolled)
        {
            throw Damaged("it begins with no enrolment");
        }

        switch (record)
        {
            case JournalRecord.Enrolled enrolled:
                enrolment = Intact(EnrolmentOpener.Verify(enrolled.Message, programmingKey));
                Hold(entry, Station.Turn);
                break;
            case JournalRecord.Taken taken:
                Hold(entry, taken.Turn + 1, taken);
                break;
            case JournalRecord.Filed filed when Open is { } open:
                open.File = Intact(
                    FileOpener.Verify(filed.Message, open.Take, Station.Epoch, programmingKey));
                break;
            case JournalRecord.Closed over:
                Hold(entry, NextTurn);
                Note(over.Turn);
                break;
        }
    }

    /// <summary>
    /// The secrets of an entry take the place of those before it, which are erased when all was read.
    /// </summary>
    private void Hold(JournalEntry entry, uint nextTurn, JournalRecord.Taken? taken = null)
    {
        if (holder?.Secret is not null)
        {
            spent.Add(holder);
        }

        holder = entry;
        Open?.Dispose();
        Open = null;
        NextTurn = nextTurn;
        if (entry.Secret is not { } wrapped)
        {
            return;
        }

        var plain = stationKey.Unwrap(wrapped, Station.Station, nextTurn);
        if (plain.Length != KeySize * (taken is null ? 2 : 4))
        {
            throw Damaged("a record has the secrets of another one");
        }

        Adopt(
            new StationSecrets(
                GeneratorState.FromBytes(plain.AsSpan(KeySize, KeySize)),
                MacKey.FromBytes(plain.AsSpan(0, KeySize))),
            nextTurn);
        if (taken is not null)
        {
            var take = Intact(Intact(Message.Parse<Take>(taken.Message)).VerifyMac(secrets!.TakeKey));
            Open = new OpenTurn(
                take,
                TurnKey.FromBytes(plain.AsSpan(KeySize * 2, KeySize)),
                HpkePrivateKey.FromScalar(plain.AsSpan(KeySize * 3, KeySize)));
        }

        CryptographicOperations.ZeroMemory(plain);
    }

    private static T Intact<T>(Outcome<T> outcome)
        where T : notnull =>
        outcome.Refused(out var intact, out var why)
            ? throw Damaged($"or this is not its programming key: a message in it is {why.Name}")
            : intact;

    private static InvalidDataException Damaged(string how) =>
        new($"the journal is damaged, {how}: keep it, and enrol the station anew");

    private void Adopt(StationSecrets next, uint nextTurn)
    {
        secrets?.Dispose();
        secrets = next;
        NextTurn = nextTurn;
    }

    private void Note(ClosedTurn turn)
    {
        Open?.Dispose();
        Open = null;
        closed.Add(turn);
        if (turn.Result == ClosedTurn.Programmed)
        {
            programmed[turn.Chip] = turn;
        }
    }
}
