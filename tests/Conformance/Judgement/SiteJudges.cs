using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site;
using Keywright.Site.Firmware;

namespace Keywright.ConformanceTests.Judgement;

/// <summary>What the site decides on a Take, and on who speaks (programming.md §6.4, delivery.md §6.1).</summary>
internal static class SiteJudges
{
    private const string Product = "pump";
    private const string DeviceType = "pump-a";

    public static string Take(JsonElement state, JsonElement input)
    {
        var take = MakeTake(input);
        var station = state.GetProperty("station");
        var books = new TakeBooks(
            StationOf(station),
            state.Text("used") is { } used
                ? Used(used == input.Text("take") ? take.Digest : Named.Digest(used))
                : null,
            state.Object("order") is { } order
                ? new ProductionOrder(take.Content.Order, "order", Product, order.Text("factory")!, 10)
                : null,
            state.Object("chip") is { } chip
                ? new LearntChip(
                    take.Content.Chip,
                    Named.Signer("chip").Public,
                    Named.Recipient("chip").Public,
                    Named.Digest(chip.Text("order")))
                : null,
            state.Flag("device") ? DeviceOf(Digest.Zero) : null,
            state.Flag("bootloader") ? Bootloader() : null,
            state.Flag("identities") ? new IdentitySet([DeviceId.Parse("SN-1").OrThrow()]) : null);
        return JudgeTake.Judge(take, books).Refused(out var verdict, out var why)
            ? why.Name
            : verdict is TakeVerdict.Repeat ? "repeat" : "program";
    }

    public static string Speaker(JsonElement state, JsonElement input)
    {
        using var key = DeviceKey.FromBytes(new byte[DeviceKey.Size]);
        using var mac = DeliveryKeys.Claim(key);
        using var identity = Named.Signer("identity");
        var claim = DeliveryJudges.MakeClaim("claim", 1, Digest.Zero);
        var spoken = input.Text("protection") == "mac" ? Message.Mac(claim, mac) : Message.Sign(claim, identity);
        return AuthenticateClaim.Verify(
            Message.Parse<Claim>(spoken.Bytes).OrThrow(),
            state.Flag("identity") ? identity.Public : null,
            state.Flag("key") ? key : null).Refused(out _, out var why) ? why.Name : "accepted";
    }

    private static Verified<Take> MakeTake(JsonElement input)
    {
        using var key = MacKey.FromBytes(new byte[MacKey.Size]);
        var take = new Take
        {
            Station = "line-1",
            Turn = input.Number("turn"),
            DeviceType = DeviceType,
            Order = Named.Digest(input.Text("order")),
            Chip = Named.Chip("chip"),
            Fresh = Named.Recipient(input.Text("take")!).Public,
        };
        return Message.Mac(take, key);
    }

    private static StationRecord StationOf(JsonElement station) => new()
    {
        Id = Record(),
        Name = "line-1",
        Factory = station.Text("factory")!,
        Key = Digest.Zero,
        Enrolment = default,
        TakeKey = default,
        NextTurn = station.Number("next"),
        Generator = default,
        EnrolledAt = DateTimeOffset.UnixEpoch,
        RevokedAt = station.Flag("revoked") ? DateTimeOffset.UnixEpoch : null,
    };

    private static ProgrammedTurn Used(Digest take) => new(DeviceOf(take), 1, null);

    private static DeviceRecord DeviceOf(Digest take) => new()
    {
        Id = Record(),
        Chip = Named.Chip("chip"),
        Devices = [DeviceId.Parse("SN-0").OrThrow()],
        Kid = 1,
        SealedKey = default,
        Product = Product,
        DeviceType = DeviceType,
        Order = Digest.Zero,
        Station = "line-1",
        Factory = "north",
        Turn = 0,
        Take = take,
        Bootloader = Record(),
        ProgrammedAt = DateTimeOffset.UnixEpoch,
    };

    private static BootloaderEntry Bootloader() => new()
    {
        Id = Record(),
        Product = Product,
        DeviceType = DeviceType,
        Version = "1.0",
        Sequence = 1,
        Encoding = ImageEncoding.Hex,
        Image = Digest.Zero,
        Plan = Digest.Zero,
        AddedAt = DateTimeOffset.UnixEpoch,
    };

    private static RecordId Record() => RecordId.New(DateTimeOffset.UnixEpoch, new SeededEntropy(1));
}
