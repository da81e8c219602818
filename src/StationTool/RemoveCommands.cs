using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.CommandLine;
using Keywright.Protocol;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>
/// <c>scrap</c> and <c>return</c>: chips that leave the line for good. A chip is named by its ID or by the
/// serial that was read for it; it need not answer any more.
/// </summary>
internal static class RemoveCommands
{
    private static readonly Option<string?> Chip = new("--chip-id") { Description = "the chip's ID, 34 hex digits" };

    private static readonly Option<string?> Serial = new("--serial") { Description = "the serial that was read for it" };

    public static Command Scrap() => Create(
        "scrap",
        "gives a chip up for good: key given, board dead. It keeps its place in the quota if it may hold keys",
        "keywright-station scrap --dir station --order oem/orders/2026-1.cose --serial K-0007 --why \"board dead\"",
        new Option<string>("--why") { Description = "what is wrong with it", Required = true },
        "scrapped",
        (journal, chip, why) => journal.Scrap(chip, why));

    public static Command Return() => Create(
        "return",
        "says that a failed or scrapped chip was handed out of the factory, and to whom",
        "keywright-station return --dir station --order oem/orders/2026-1.cose --serial K-0007 --to OEM",
        new Option<string>("--to") { Description = "who has it now", Required = true },
        "returned",
        (journal, chip, whom) => journal.Return(chip, whom));

    private static Command Create(
        string name,
        string description,
        string example,
        Option<string> note,
        string deed,
        Func<LotJournal, ChipId, string, Refusal?> act)
    {
        var command = new Command(name, $"{description}\n\nExample:\n  {example}")
        {
            LotOptions.Dir, LotOptions.Order, LotOptions.Journal, Chip, Serial, note, LotOptions.Events,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Chip) is null == result.GetResult(Serial) is null)
            {
                result.AddError("Which chip? Give either --chip-id or --serial.");
            }
        });
        command.SetAction(parsed => Run(
            parsed,
            new Session(parsed),
            deed,
            (journal, chip) => act(journal, chip, parsed.GetRequiredValue(note))));
        return command;
    }

    private static int Run(
        ParseResult parsed, Session session, string deed, Func<LotJournal, ChipId, Refusal?> act)
    {
        if (LotOptions.ReadBook(parsed).Refused(out var lot, out var why)
            || Find(parsed, lot.Book).Refused(out var chip, out why))
        {
            return session.Refuse(why);
        }

        using var events = EventLines.Open(parsed.GetValue(LotOptions.Events), session);
        var path = LotOptions.JournalPath(parsed, lot.Order.Claimed, lot.Order.Digest);
        using var journal = LotJournal.Open(path, lot.Order.Digest, resume: true);
        if (act(journal, chip) is { } refusal)
        {
            return session.Refuse(refusal);
        }

        var after = journal.Book.Find(chip)!;
        var facts = new JsonObject
        {
            ["chip"] = chip.ToString(),
            ["serial"] = after.Serial?.ToString(),
            ["standing"] = LotReport.NameOf(after.Standing),
            ["keys"] = after.MayHoldKeys,
            ["what"] = after.ScrappedFor ?? after.RefusedAs,
            ["returned"] = after.ReturnedTo,
        };
        events.Write($"chip-{deed}", facts);
        return events.TakeOutput ? Host.Done : session.Report(facts);
    }

    private static Outcome<ChipId> Find(ParseResult parsed, LotBook book)
    {
        if (parsed.GetValue(Chip) is { } hex)
        {
            return ChipId.Parse(hex);
        }

        return DeviceId.Parse(parsed.GetValue(Serial)!).Refused(out var serial, out var why) ? why :
            book.Find(serial) is { } chip ? chip.Chip :
            new Refusal(Reason.UnknownChip, $"serial {serial} was read for no chip of this lot");
    }
}
