using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// The site's decision on an authentic Take (docs/spec/programming.md §6.4): pure, over its books as they
/// were read. The order of the questions is the specification's.
/// </summary>
public static class JudgeTake
{
    /// <summary>How far ahead of the site a station's generator may be.</summary>
    public const uint Window = 64;

    /// <summary>
    /// What to do. Refusals: RevokedStation, UsedTurn, TurnOutOfWindow, UnknownOrder, UnknownChip,
    /// IdentityTaken, NoBootloader, NoIdentityLeft.
    /// </summary>
    public static Outcome<TakeVerdict> Judge(Verified<Take> take, TakeBooks books)
    {
        if (JudgeTurn(take, books) is { } badTurn)
        {
            return badTurn;
        }

        if (books.Used is { } used)
        {
            return new TakeVerdict.Repeat(used);
        }

        if (JudgeChip(take.Content, books) is { } badChip)
        {
            return badChip;
        }

        if (books.Bootloader is not { } bootloader)
        {
            return new Refusal(
                Reason.NoBootloader,
                $"no bootloader for {books.Order!.Product}, device type {take.Content.DeviceType}");
        }

        return books.Identities is { } identities
            ? new TakeVerdict.Program(books.Order!, bootloader, identities)
            : new Refusal(Reason.NoIdentityLeft, $"no device ID is left for {books.Order!.Product}");
    }

    private static Refusal? JudgeTurn(Verified<Take> take, TakeBooks books)
    {
        var (station, turn) = (books.Station, take.Content.Turn);
        if (station.RevokedAt is not null)
        {
            return new Refusal(Reason.RevokedStation, $"station {station.Name} was revoked");
        }

        if (books.Used is { } used)
        {
            return used.Device.Take == take.Digest ? null : new Refusal(
                Reason.UsedTurn,
                $"turn {turn} was used for chip {used.Device.Chip}, this Take is of {take.Content.Chip}");
        }

        if (turn < station.NextTurn)
        {
            return new Refusal(
                Reason.UsedTurn, $"turn {turn} was passed over, the next is {station.NextTurn}");
        }

        return turn - station.NextTurn < Window
            ? null
            : new Refusal(Reason.TurnOutOfWindow, $"turn {turn}, where the next is {station.NextTurn}");
    }

    private static Refusal? JudgeChip(Take take, TakeBooks books)
    {
        if (books.Order is not { } order || order.Factory != books.Station.Factory)
        {
            return new Refusal(
                Reason.UnknownOrder, $"no order {take.Order} for factory {books.Station.Factory}");
        }

        if (books.Chip is not { } chip)
        {
            return new Refusal(Reason.UnknownChip, $"chip {take.Chip} was never counted");
        }

        if (chip.Order != take.Order)
        {
            return new Refusal(Reason.UnknownOrder, $"chip {take.Chip} was counted under another order");
        }

        return books.Device is { } device
            ? new Refusal(
                Reason.IdentityTaken,
                $"chip {take.Chip} is device {device.Devices[0]} already, made by {device.Station}")
            : null;
    }
}

/// <summary>What the site's books say about a Take.</summary>
/// <param name="Station">The station that asks.</param>
/// <param name="Used">What its turn was used for.</param>
/// <param name="Order">The order that it names.</param>
/// <param name="Chip">The chip as it was counted.</param>
/// <param name="Device">The device that the chip is already.</param>
/// <param name="Bootloader">The newest for its device type.</param>
/// <param name="Identities">The next IDs in the pool.</param>
public sealed record TakeBooks(
    StationRecord Station,
    ProgrammedTurn? Used,
    ProductionOrder? Order,
    LearntChip? Chip,
    DeviceRecord? Device,
    BootloaderEntry? Bootloader,
    IdentitySet? Identities);

/// <summary>What a Take is answered with.</summary>
public abstract record TakeVerdict
{
    /// <summary>The File that the same Take got before.</summary>
    public sealed record Repeat(ProgrammedTurn Turn) : TakeVerdict;

    /// <summary>A new device of these.</summary>
    public sealed record Program(
        ProductionOrder Order, BootloaderEntry Bootloader, IdentitySet Identities) : TakeVerdict;
}
