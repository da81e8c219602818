using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.CommandLine;
using Keywright.Protocol;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>
/// <c>provision</c>: chips of a lot, under a signed order, from a journal, several at the same time, offline.
/// </summary>
internal static class ProvisionCommand
{
    private const int MaxSockets = 256;
    private const int MaxRetests = 10;

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "go on with the run of this journal, however it ended",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "look at everything and change nothing: no chip, no journal",
    };

    private static readonly Option<DirectoryInfo> Receipts = new("--receipts")
    {
        Description = "folder for the receipts, one file a chip (else receipts/ORDER in the folder)",
    };

    private static readonly Option<int> Sockets = new Option<int>("--sockets")
    {
        Description = "how many chips are worked on at the same time",
        DefaultValueFactory = _ => 1,
    }.Must(count => count is > 0 and <= MaxSockets, $"1 to {MaxSockets}");

    private static readonly Option<int> Retest = new Option<int>("--retest")
    {
        Description = "how often a chip that fails or is lost is tried again at once",
    }.Must(count => count is >= 0 and <= MaxRetests, $"0 to {MaxRetests}");

    private static readonly Option<int?> Limit = new Option<int?>("--limit")
    {
        Description = "stop after so many chips; those with a receipt do not count",
    }.Must(limit => limit > 0, "at least 1");

    public static Command Create()
    {
        var command = new Command(
            "provision",
            "provisions chips under a signed order, offline; a chip that failed is tested again when it is put in "
            + "again; exit code 1 when a chip was refused or lost\n\n"
            + "Example:\n"
            + "  keywright-station provision --dir station --order oem/orders/2026-1.cose "
            + "--package oem/packages/kettle-1.package --order-key oem/order.pub "
            + "--program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub --chips chips --sockets 4")
        {
            LotOptions.Dir, Sockets, Limit, Retest, Resume, DryRun, LotOptions.Journal, Receipts, LotOptions.Events,
        };
        LotInputs.AddTo(command);
        LotPlaces.AddTo(command);
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        if (LotInputs.Read(parsed).Refused(out var files, out var why))
        {
            return session.Refuse(why);
        }

        var (order, digest) = (files.Order.Content, files.Order.Digest);
        var path = LotOptions.JournalPath(parsed, order, digest);
        var places = LotPlaces.Of(parsed, session);
        using var events = EventLines.Open(parsed.GetValue(LotOptions.Events), session);
        events.Write("run-started", new JsonObject
        {
            ["id"] = order.Id,
            ["order"] = digest.ToString(),
            ["quota"] = order.Quota,
            ["places"] = places.Count,
            ["sockets"] = parsed.GetValue(Sockets),
            ["resumed"] = parsed.GetValue(Resume),
            ["dry-run"] = parsed.GetValue(DryRun),
        });
        var (results, book) = parsed.GetValue(DryRun)
            ? Rehearse(parsed, session, files, LotBook.Read(path), places, events)
            : Provision(parsed, session, files, path, places, events);
        var report = Report(files, book, places.Count, results);
        events.Write("run-ended", Totals(report));
        if (!events.TakeOutput)
        {
            session.Report(report);
        }

        return results.All(result => result.Fate < ChipFate.Refused) ? Host.Done : Host.Refused;
    }

    private static (IReadOnlyList<ChipResult> Results, LotBook Book) Rehearse(
        ParseResult parsed,
        Session session,
        LotFiles files,
        LotBook book,
        IReadOnlyList<ChipSocket> places,
        EventLines events)
    {
        if (book.Order is { } other && other != files.Order.Digest)
        {
            throw new IOException("the journal is that of another order.");
        }

        var drawn = LotPlaces.WithSerials(parsed, session, places).Take(parsed.GetValue(Limit) ?? int.MaxValue);
        return (new RehearseLot(files, book).Run(drawn, result => events.Write("chip-looked-at", Row(result))), book);
    }

    private static (IReadOnlyList<ChipResult> Results, LotBook Book) Provision(
        ParseResult parsed,
        Session session,
        LotFiles files,
        string path,
        IReadOnlyList<ChipSocket> places,
        EventLines events)
    {
        var folder = LotOptions.Folder(parsed);
        Directory.CreateDirectory(folder.PathTo());
        using var journal = LotJournal.Open(path, files.Order.Digest, parsed.GetValue(Resume));
        var run = new LotRun
        {
            Sockets = parsed.GetValue(Sockets),
            Retests = parsed.GetValue(Retest),
            Limit = parsed.GetValue(Limit) ?? int.MaxValue,
            Begun = begun => events.Write("chip-begun", Row(begun)),
        };
        var drawn = LotPlaces.WithSerials(parsed, session, places);
        IReadOnlyList<ChipResult> Work(Action done) => new ProvisionLot(files, journal).Run(drawn, run with
        {
            Ended = result =>
            {
                events.Write("chip-ended", Row(result));
                if (!result.IsRetested)
                {
                    done();
                }
            },
        });
        var results = LotPlaces.AskAtTerminal(parsed)
            ? Work(() => { })
            : WorkBar.Run(session, $"order {files.Order.Content.Id}", Math.Min(places.Count, run.Limit), Work);
        Directory.CreateDirectory(folder.PathTo(FileNames.Receipts));
        WriteReceipts(
            parsed.GetValue(Receipts)?.ToString() ?? folder.PathTo(
                FileNames.Receipts, LotOptions.NameOf(files.Order.Content, files.Order.Digest)),
            journal.Book);
        return (results, journal.Book);
    }

    private static void WriteReceipts(string folder, LotBook book)
    {
        foreach (var (chip, receipt) in book.Receipts)
        {
            var path = Path.Combine(folder, chip + FileNames.ReceiptSuffix);
            if (!File.Exists(path))
            {
                PublicFile.Write(path, receipt.Span);
            }
        }
    }

    private static JsonObject Report(
        LotFiles files, LotBook book, int places, IReadOnlyList<ChipResult> results)
    {
        var report = new JsonObject
        {
            ["id"] = files.Order.Content.Id,
            ["order"] = files.Order.Digest.ToString(),
            ["quota"] = files.Order.Content.Quota,
            ["issued"] = book.Chips.Count,
            ["receipts"] = book.Receipts.Count,
            ["failed"] = book.Count(ChipStanding.Failed),
            ["scrapped"] = book.Count(ChipStanding.Scrapped),
            ["open"] = book.Count(ChipStanding.Open),
        };
        foreach (var fate in Enum.GetValues<ChipFate>())
        {
            report[NameOf(fate)] = results.Count(result => result.Fate == fate);
        }

        report["not tried"] = places - results.Count;
        report["chips"] = new JsonArray([.. results.Select(result => (JsonNode)Row(result))]);
        return report;
    }

    private static JsonObject Totals(JsonObject report)
    {
        var totals = report.DeepClone().AsObject();
        totals.Remove("chips");
        return totals;
    }

    private static JsonObject Row(ChipBegun begun) => new()
    {
        ["place"] = begun.Socket.Name,
        ["chip"] = begun.Chip.ToString(),
        ["serial"] = begun.Socket.Serial,
        ["try"] = begun.Try,
    };

    private static JsonObject Row(ChipResult result) => new()
    {
        ["place"] = result.Socket.Name,
        ["chip"] = result.Chip?.ToString(),
        ["serial"] = result.Socket.Serial,
        ["fate"] = NameOf(result.Fate),
        ["refused as"] = result.Refusal?.Name,
        ["what"] = result.Refusal?.Detail ?? result.Why,
        ["tried again"] = result.IsRetested,
    };

    private static string NameOf(ChipFate fate) => fate.ToString().ToLowerInvariant();
}
