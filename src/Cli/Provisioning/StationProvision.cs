using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Cli.CommandLine;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Station.Provisioning;
using Spectre.Console;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright station provision</c>: the chips behind these sockets, under this order, from this journal.
/// </summary>
internal static class StationProvision
{
    private static readonly Option<FileInfo> Program =
        File("--program", "the chip maker's provisioning program");
    private static readonly Option<FileInfo> Package = File("--package", "the OEM's sealed package");
    private static readonly Option<FileInfo> Unlock =
        File("--unlock", "the unlock that came with the package");
    private static readonly Option<FileInfo> Order = File("--order", "the OEM's signed order");
    private static readonly Option<FileInfo> OrderKey =
        File("--order-key", "the OEM's public order key, 65 bytes");
    private static readonly Option<FileInfo> ChipMakerKey =
        File("--chip-maker-key", "the chip maker's public key, 65 bytes");
    private static readonly Option<FileInfo> Journal = new("--journal")
    {
        Description = "the journal of this run; it is written before anything happens",
        Required = true,
    };

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "go on with the run of this journal, however it ended",
    };

    private static readonly Option<DirectoryInfo?> Receipts = new("--receipts")
    {
        Description = "folder for the receipts, one file a chip",
    };

    private static readonly Argument<string[]> Sockets = new("socket")
    {
        Description = "where a chip answers; one for each chip",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create()
    {
        var command = new Command(
            "provision",
            "provisions chips under a signed order, offline\n\nExample:\n"
            + "  keywright station provision --program program.cose --package package.bin "
            + "--unlock unlock.cbor --order order.cose --order-key oem.pub "
            + "--chip-maker-key chipmaker.pub --journal lot.journal chips/*/socket")
        {
            Program, Package, Unlock, Order, OrderKey, ChipMakerKey, Journal, Resume, Receipts, Sockets,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        byte[] Read(Option<FileInfo> file) => System.IO.File.ReadAllBytes(parsed.GetValue(file)!.FullName);

        if (PublicKey.Parse(Read(OrderKey)).Refused(out var orderKey, out var why)
            || PublicKey.Parse(Read(ChipMakerKey)).Refused(out var chipMaker, out why)
            || LotFiles.Parse(Read(Program), Read(Package), Read(Unlock), Read(Order), orderKey, chipMaker)
                .Refused(out var files, out why))
        {
            return session.Refuse(why);
        }

        using var journal = LotJournal.Open(
            parsed.GetValue(Journal)!.FullName, files.Order.Digest, parsed.GetValue(Resume));
        var sockets = parsed.GetValue(Sockets)!
            .Select(path => new ChipSocket(path, () => SocketChip.Connect(path))).ToList();
        var results = WithProgress(
            sockets.Count, report => new ProvisionLot(files, journal).Run(sockets, report));
        WriteReceipts(parsed.GetValue(Receipts), journal);
        session.Report(Report(files, journal, results));
        return results.All(result => result.Fate < ChipFate.Refused) ? Host.Done : Host.Refused;
    }

    private static IReadOnlyList<ChipResult> WithProgress(
        int count, Func<Action<ChipResult>, IReadOnlyList<ChipResult>> run)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Capabilities.Interactive)
        {
            return run(_ => { });
        }

        return console.Progress().AutoClear(true).Start(progress =>
        {
            var bar = progress.AddTask("provisioning", maxValue: count);
            return run(_ => bar.Increment(1));
        });
    }

    private static void WriteReceipts(DirectoryInfo? folder, LotJournal journal)
    {
        if (folder is null)
        {
            return;
        }

        folder.Create();
        foreach (var (chip, receipt) in journal.Receipts)
        {
            System.IO.File.WriteAllBytes(Path.Combine(folder.FullName, $"{chip}.receipt"), receipt);
        }
    }

    private static JsonObject Report(LotFiles files, LotJournal journal, IReadOnlyList<ChipResult> results) =>
        new()
        {
            ["order"] = files.Order.Content.Id,
            ["quota"] = files.Order.Content.Quota,
            ["receipts"] = journal.Receipts.Count,
            ["open"] = journal.Unresolved.Count,
            ["chips"] = new JsonArray([.. results.Select(result => (JsonNode)new JsonObject
        {
            ["socket"] = result.Socket,
            ["chip"] = result.Chip?.ToString(),
            ["fate"] = result.Fate.ToString().ToLowerInvariant(),
            ["why"] = result.Refusal?.ToString() ?? result.Why,
        })]),
        };

    private static Option<FileInfo> File(string name, string description) =>
        new Option<FileInfo>(name) { Description = description, Required = true }.AcceptExistingOnly();
}
