using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// First programming (docs/spec/programming.md §6.4): answers a station's Take with the File of one new
/// device. Parse → judge → commit → seal → reply; the same Take gets the same File, whatever happened in
/// between.
/// </summary>
public sealed class ProgramDevice(
    ProgrammingBooks books,
    IRecordSealer sealer,
    SigningKey programmingKey,
    SiteEpoch epoch,
    IEntropy entropy,
    TimeProvider time)
{
    private const int MaxAttempts = 100;

    private readonly GenerateProgram generate = new(books.Bootloaders);

    /// <summary>
    /// The File for a Take. Refusals: as <see cref="Message.Parse{T}"/>, UnknownStation, BadMac, those of
    /// <see cref="JudgeTake"/> and of the program generator. Each is also an alert; what goes out is <see
    /// cref="Outward"/>.
    /// </summary>
    public Outcome<byte[]> Answer(ReadOnlyMemory<byte> message)
    {
        if (Message.Parse<Take>(message).Refused(out var unverified, out var malformed))
        {
            return malformed;
        }

        var station = books.Stations.Find(unverified.Claimed.Station);
        var answer = Answer(unverified, station);
        if (answer.Refused(out _, out var why))
        {
            Raise(why, unverified.Claimed, station);
        }

        return answer;
    }

    /// <summary>
    /// The refusal that leaves the site: who has not proven to be a station learns nothing.
    /// </summary>
    public static Refusal Outward(Refusal why) => why.Reason is Reason.RevokedStation or Reason.UsedTurn
        or Reason.TurnOutOfWindow or Reason.UnknownOrder or Reason.UnknownChip or Reason.IdentityTaken
        or Reason.NoBootloader or Reason.NoIdentityLeft
        or Reason.ZoneTooSmall or Reason.MissingInput or Reason.BadImage
            ? why
            : new Refusal(Reason.UnknownStation, "not a message of a station that is enrolled here");

    private Outcome<byte[]> Answer(Unverified<Take> unverified, StationRecord? known)
    {
        if (known is not { } station)
        {
            return new Refusal(Reason.UnknownStation, $"no station {unverified.Claimed.Station}");
        }

        using var takeKey = sealer.Open<MacKey>(
            station.TakeKey.Span, StationRecord.TakeKeyContext(station.Name));
        if (unverified.VerifyMac(takeKey).Refused(out var take, out var forged))
        {
            return forged;
        }

        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var now = Read(books.Stations.Find(station.Name)!, take.Content);
            if (JudgeTake.Judge(take, now).Refused(out var verdict, out var why))
            {
                return why;
            }

            var done = verdict is TakeVerdict.Repeat repeat
                ? Reply(take, repeat.Turn)
                : Program(take, now.Station, (TakeVerdict.Program)verdict);
            if (done is { } answer)
            {
                return answer;
            }
        }

        throw new IOException($"{MaxAttempts} attempts to write one device were outrun by others");
    }

    /// <summary>Null when the books have changed since they were read.</summary>
    private Outcome<byte[]>? Program(
        Verified<Take> take, StationRecord station, TakeVerdict.Program verdict)
    {
        using var generator = GeneratorAt(station, take.Content.Turn);
        using var turnKey = generator.Turn(station.Name, take.Content.Turn);
        using var next = generator.Step(station.Name, take.Content.Turn);
        using var deviceKey = turnKey.DeviceKey(verdict.Identities.Devices[0], take.Content.Chip);
        if (generate.For(verdict.Bootloader, verdict.Identities.Devices, deviceKey)
            .Refused(out var content, out var why))
        {
            return why;
        }

        using (content)
        {
            var device = NewDevice(take, station, verdict, deviceKey);
            var after = new GeneratorStep(
                take.Content.Turn + 1,
                sealer.Seal(next, StationRecord.GeneratorContext(station.Name, take.Content.Turn + 1)));
            if (books.Records.Commit(device, station.NextTurn, after) is not { } turn)
            {
                return null;
            }

            return Seal(take, turn, content);
        }
    }

    private Outcome<byte[]> Reply(Verified<Take> take, ProgrammedTurn turn)
    {
        if (turn.File is { } file)
        {
            return file;
        }

        using var deviceKey = turn.Device.OpenKey(sealer);
        var bootloader = books.Bootloaders.Find(turn.Device.Bootloader)!;
        if (generate.For(bootloader, turn.Device.Devices, deviceKey).Refused(out var content, out var why))
        {
            return why;
        }

        using (content)
        {
            return Seal(take, turn, content);
        }
    }

    private byte[] Seal(Verified<Take> take, ProgrammedTurn turn, ProgramContent content)
    {
        // A chip that was once learnt is never forgotten, and its keys never change.
        var chip = books.Chips.FindChip(take.Content.Chip)!;
        var file = FileSealer.Seal(content, take, chip.Kem, epoch, turn.Serial, programmingKey, entropy);
        return books.Records.KeepFile(turn, file.Bytes);
    }

    private TakeBooks Read(StationRecord station, Take take)
    {
        var order = books.Chips.FindOrder(take.Order);
        return new TakeBooks(
            station,
            books.Records.FindTurn(station.Name, take.Turn),
            order,
            books.Chips.FindChip(take.Chip),
            books.Registry.Find(take.Chip),
            order is null ? null : books.Bootloaders.Newest(order.Product, take.DeviceType),
            order is null ? null : books.Pool.Next(order.Product));
    }

    /// <summary>R_j of the turn, past those that the station skipped.</summary>
    private GeneratorState GeneratorAt(StationRecord station, uint turn)
    {
        var context = StationRecord.GeneratorContext(station.Name, station.NextTurn);
        var state = sealer.Open<GeneratorState>(station.Generator.Span, context);
        for (var j = station.NextTurn; j < turn; j++)
        {
            var skipped = state;
            state = skipped.Step(station.Name, j);
            skipped.Dispose();
        }

        return state;
    }

    private DeviceRecord NewDevice(
        Verified<Take> take, StationRecord station, TakeVerdict.Program verdict, DeviceKey key)
    {
        var now = time.GetUtcNow();
        return new DeviceRecord
        {
            Id = RecordId.New(now, entropy),
            Chip = take.Content.Chip,
            Devices = verdict.Identities.Devices,
            Kid = ProgramContent.FirstKid,
            SealedKey = sealer.Seal(key, DeviceRecord.KeyContext(take.Content.Chip, ProgramContent.FirstKid)),
            Product = verdict.Order.Product,
            DeviceType = take.Content.DeviceType,
            Order = take.Content.Order,
            Station = station.Name,
            Factory = station.Factory,
            Turn = take.Content.Turn,
            Take = take.Digest,
            Bootloader = verdict.Bootloader.Id,
            ProgrammedAt = now,
        };
    }

    private void Raise(Refusal why, Take claimed, StationRecord? station) =>
        books.Alerts.Raise(new Alert(time.GetUtcNow(), why.Reason, why.Detail)
        {
            Chip = claimed.Chip,
            Station = claimed.Station,
            Factory = station?.Factory,
        });
}

/// <summary>What first programming reads and writes.</summary>
public sealed record ProgrammingBooks(
    IStationRegister Stations,
    IChipRegister Chips,
    IIdentityPool Pool,
    IBootloaderArchive Bootloaders,
    IDeviceRegistry Registry,
    IProgrammingRecords Records,
    IAlertLog Alerts);
