using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.CommandLine;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>
/// <c>provision</c>: chips of a lot, under a signed order, from a journal, offline.
/// </summary>
internal static class ProvisionCommand
{
    private static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("station");

    private static readonly Option<FileInfo> Package = Required("--package", "the OEM's sealed package");

    private static readonly Option<FileInfo> Order = Required("--order", "the OEM's signed order");

    private static readonly Option<FileInfo> Unlock = new Option<FileInfo>("--unlock")
    {
        Description = "the unlock that came with the package (else the same name with .unlock)",
    }.AcceptExistingOnly();

    private static readonly Option<FileInfo> Program =
        PartyFolder.FileOption("--program", "the chip maker's provisioning program", FileNames.Program);

    private static readonly Option<FileInfo> OrderKey =
        PartyFolder.FileOption("--order-key", "the OEM's public order key", FileNames.OrderKey);

    private static readonly Option<FileInfo> ChipMakerKey =
        PartyFolder.FileOption("--chip-maker-key", "the chip maker's public key", FileNames.ChipMakerKey);

    private static readonly Option<FileInfo> Journal = new("--journal")
    {
        Description =
            "the journal of this run, written before anything happens (else ORDER.journal in the folder)",
    };

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "go on with the run of this journal, however it ended",
    };

    private static readonly Option<DirectoryInfo> Receipts = new("--receipts")
    {
        Description = "folder for the receipts, one file a chip (else receipts/ORDER in the folder)",
    };

    private static readonly Option<DirectoryInfo> Chips = new Option<DirectoryInfo>("--chips")
    {
        Description = "folder of soft chips: every chip below it",
    }.AcceptExistingOnly();

    private static readonly Option<DirectoryInfo[]> Chip = new Option<DirectoryInfo[]>("--chip")
    {
        Description = "folder of one soft chip",
    }.AcceptExistingOnly();

    private static readonly Option<int?> Limit = new Option<int?>("--limit")
    {
        Description = "stop after so many chips; those with a receipt do not count",
    }.Must(limit => limit > 0, "at least 1");

    private static readonly Argument<string[]> Sockets = new("socket")
    {
        Description = "where a chip answers; one for each chip",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        var command = new Command(
            "provision",
            "provisions chips under a signed order, offline; exit code 1 when a chip was refused or lost\n\n"
            + "Example:\n"
            + "  keywright-station provision --dir station --order oem/orders/2026-1.cose "
            + "--package oem/packages/kettle-1.package --order-key oem/order.pub "
            + "--program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub --chips chips")
        {
            Dir, Order, Package, Unlock, OrderKey, Program, ChipMakerKey, Chips, Chip, Sockets, Limit, Resume,
            Journal, Receipts,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Chips) is null && result.GetResult(Chip) is null
                && result.GetResult(Sockets) is null or { Tokens.Count: 0 })
            {
                result.AddError("Which chips? --chips FOLDER, --chip FOLDER, or sockets.");
            }
        });
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(Dir));
        if (Read(parsed, folder).Refused(out var files, out var why))
        {
            return session.Refuse(why);
        }

        Directory.CreateDirectory(folder.PathTo());
        var id = files.Order.Content.Id;
        var run = FileNames.CanName(id) ? id : files.Order.Digest.ToString();
        using var journal = LotJournal.Open(
            folder.PathTo(parsed.GetValue(Journal), run + FileNames.JournalSuffix),
            files.Order.Digest,
            parsed.GetValue(Resume));
        var places = Places(parsed, session);
        var limit = parsed.GetValue(Limit) ?? int.MaxValue;
        var results = WorkBar.Run(session, $"order {id}", Math.Min(places.Count, limit), done =>
        {
            var handled = 0;
            return new ProvisionLot(files, journal).Run(
                places.TakeWhile(_ => handled < limit),
                result =>
                {
                    handled += result.Fate == ChipFate.Known ? 0 : 1;
                    done();
                });
        });
        Directory.CreateDirectory(folder.PathTo(FileNames.Receipts));
        WriteReceipts(
            parsed.GetValue(Receipts)?.ToString() ?? folder.PathTo(FileNames.Receipts, run), journal);
        session.Report(Report(files, journal, results));
        return results.All(result => result.Fate < ChipFate.Refused) ? Host.Done : Host.Refused;
    }

    private static Outcome<LotFiles> Read(ParseResult parsed, PartyFolder folder)
    {
        var package = parsed.GetRequiredValue(Package).FullName;
        var unlock = parsed.GetValue(Unlock)?.FullName ?? Path.ChangeExtension(package, ".unlock");
        var program = folder.PathTo(parsed.GetValue(Program), FileNames.Program);
        return PublicFile.ReadKey(folder.PathTo(parsed.GetValue(OrderKey), FileNames.OrderKey))
                .Refused(out var orderKey, out var why)
            || PublicFile.ReadKey(folder.PathTo(parsed.GetValue(ChipMakerKey), FileNames.ChipMakerKey))
                .Refused(out var chipMaker, out why)
            ? why
            : LotFiles.Parse(
                File.ReadAllBytes(program),
                File.ReadAllBytes(package),
                File.ReadAllBytes(unlock),
                File.ReadAllBytes(parsed.GetRequiredValue(Order).FullName),
                orderKey,
                chipMaker);
    }

    private static List<ChipSocket> Places(ParseResult parsed, Session session)
    {
        var folders = (parsed.GetValue(Chip) ?? []).Select(chip => chip.ToString());
        if (parsed.GetValue(Chips) is { } all)
        {
            folders = folders.Concat(ChipFolder.Below(all));
        }

        return
        [
            .. folders.Select(path => new ChipSocket(path, () => ChipFolder.Open(path, session.Entropy))),
            .. (parsed.GetValue(Sockets) ?? []).Select(
                path => new ChipSocket(path, () => SocketChip.Connect(path))),
        ];
    }

    private static void WriteReceipts(string folder, LotJournal journal)
    {
        foreach (var (chip, receipt) in journal.Receipts)
        {
            var path = Path.Combine(folder, chip + FileNames.ReceiptSuffix);
            if (!File.Exists(path))
            {
                PublicFile.Write(path, receipt);
            }
        }
    }

    private static JsonObject Report(LotFiles files, LotJournal journal, IReadOnlyList<ChipResult> results)
    {
        int Of(ChipFate fate) => results.Count(result => result.Fate == fate);
        return new JsonObject
        {
            ["id"] = files.Order.Content.Id,
            ["order"] = files.Order.Digest.ToString(),
            ["quota"] = files.Order.Content.Quota,
            ["receipts"] = journal.Receipts.Count,
            ["open"] = journal.Unresolved.Count,
            ["provisioned"] = Of(ChipFate.Provisioned),
            ["recovered"] = Of(ChipFate.Recovered),
            ["known"] = Of(ChipFate.Known),
            ["refused"] = Of(ChipFate.Refused),
            ["lost"] = Of(ChipFate.Lost),
            ["chips"] = new JsonArray([.. results.Select(result => (JsonNode)new JsonObject
            {
                ["place"] = result.Socket,
                ["chip"] = result.Chip?.ToString(),
                ["fate"] = result.Fate.ToString().ToLowerInvariant(),
                ["refused as"] = result.Refusal?.Name,
                ["what"] = result.Refusal?.Detail ?? result.Why,
            })]),
        };
    }

    private static Option<FileInfo> Required(string name, string description) =>
        new Option<FileInfo>(name) { Description = description, Required = true }.AcceptExistingOnly();
}
