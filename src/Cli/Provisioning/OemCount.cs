using System.CommandLine;
using System.Text;
using Keywright.Cli.Folders;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary>
/// <c>keywright oem count</c>: what was really produced under an order, and the list of it for the site. The
/// exit code is 1 when a receipt was refused or there are more chips than ordered; the report comes anyway.
/// </summary>
internal static class OemCount
{
    private static readonly Option<string> Id = FileNames.Option("--order", "the order's number");

    private static readonly Option<DirectoryInfo> Lists = new Option<DirectoryInfo>("--lists")
    {
        Description = "folder of the chip maker's lists (else lots in the folder)",
    }.AcceptExistingOnly();

    private static readonly Option<DirectoryInfo> Receipts = new Option<DirectoryInfo>("--receipts")
    {
        Description = "folder of the receipts that came back (else receipts/ORDER in the folder)",
    }.AcceptExistingOnly();

    private static readonly Option<FileInfo> ChipMakerKey =
        PartyFolder.FileOption("--chip-maker-key", "the chip maker's public key", FileNames.ChipMakerKey);

    private static readonly Option<FileInfo?> Account = new Option<FileInfo?>("--account")
    {
        Description = "the station's account of the lot, as its report wrote it: where chips without a receipt stand",
    };

    private static readonly Option<FileInfo?> Html = new("--html")
    {
        Description = "file for a page with a picture, which needs nothing beside it",
    };

    public static Command Create()
    {
        var command = new Command(
            "count",
            "counts receipts against an order's quota; writes orders/ID.chips.cose for the site. Who stands in it "
            + "from an earlier count stays counted; new receipts come after, by file name. With the station's account: "
            + "issued = provisioned + failed + scrapped + open. Exit code 1 when a receipt is refused, the quota is "
            + "exceeded, or the station contradicts its chips\n\nExample:\n"
            + "  keywright oem count --dir oem --order 2026-1 --lists chipmaker/lots "
            + "--receipts station/receipts/2026-1 --chip-maker-key chipmaker/chipmaker.pub "
            + "--account station/2026-1.account.json --html oem/2026-1.html")
        {
            OemInit.Dir, Id, Lists, Receipts, ChipMakerKey, Account, Html,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(OemInit.Dir));
        var chipMakerKey = folder.PathTo(parsed.GetValue(ChipMakerKey), FileNames.ChipMakerKey);
        if (PublicFile.ReadKey(chipMakerKey).Refused(out var chipMaker, out var why)
            || ReadLists(parsed.GetValue(Lists)?.ToString() ?? folder.PathTo(FileNames.Lots), chipMaker)
                .Refused(out var lists, out why)
            || folder.OpenKeys(session).Refused(out var keys, out why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            if (keys.Signing(OemInit.OrderKey).Refused(out var key, out why))
            {
                return session.Refuse(why);
            }

            using (key)
            {
                var id = parsed.GetRequiredValue(Id);
                var receipts = parsed.GetValue(Receipts)?.ToString() ?? folder.PathTo(FileNames.Receipts, id);
                return Count(parsed, session, folder, id, key, lists, receipts);
            }
        }
    }

    private static int Count(
        ParseResult parsed,
        Session session,
        PartyFolder folder,
        string id,
        SigningKey key,
        IReadOnlyList<ListedChips> lists,
        string receiptFolder)
    {
        var bytes = File.ReadAllBytes(folder.PathTo(FileNames.Orders, id + FileNames.OrderSuffix));
        if (Message.Parse<Order>(bytes).Refused(out var signed, out var why)
            || signed.VerifySignature(key.Public).Refused(out var order, out why))
        {
            return session.Refuse(why);
        }

        var file = folder.PathTo(FileNames.Orders, id + FileNames.CountedSuffix);
        if (ReadBefore(file, order.Digest, key.Public).Refused(out var before, out why))
        {
            return session.Refuse(why);
        }

        var receipts = FilesOf(receiptFolder, FileNames.ReceiptSuffix);
        var count = CountReceipts.Run(
            order, lists, receipts.Select(path => new ReadOnlyMemory<byte>(File.ReadAllBytes(path))), before);
        if (ReadAccount(parsed).Refused(out var told, out why)
            || AccountForLot.Run(count, lists, told.Account).Refused(out var lot, out why)
            || SignCount.Run(count, key, lot.Scrapped).Refused(out var counted, out why))
        {
            return session.Refuse(why);
        }

        PublicFile.Write(file, counted.Bytes.Span);
        if (parsed.GetValue(Html) is { } page)
        {
            PublicFile.Write(page.ToString(), Encoding.UTF8.GetBytes(CountReport.Page(count, lot).ToHtml()));
        }

        session.Report(CountReport.Of(count, lot, receipts, file));
        return count.Refused.Count + count.OverQuota.Count + lot.Contradictions.Count == 0 ? Host.Done : Host.Refused;
    }

    private static Outcome<(StationAccount? Account, bool IsGiven)> ReadAccount(ParseResult parsed)
    {
        if (parsed.GetValue(Account) is not { } file)
        {
            return (null, false);
        }

        return StationAccount.Parse(File.ReadAllBytes(file.ToString())).Refused(out var account, out var why)
            ? why with { Detail = $"{file}: {why.Detail}" }
            : (account, true);
    }

    private static Outcome<CountedChips> ReadBefore(string file, Digest order, PublicKey key)
    {
        if (!File.Exists(file))
        {
            return new CountedChips(order, []);
        }

        return CountedChips.Verify(File.ReadAllBytes(file), order, key).Refused(out var before, out var why)
            ? why with { Detail = $"{file}: {why.Detail}" }
            : before.Content;
    }

    private static Outcome<IReadOnlyList<ListedChips>> ReadLists(string folder, PublicKey chipMaker)
    {
        var lists = new List<ListedChips>();
        foreach (var path in FilesOf(folder, FileNames.ListSuffix))
        {
            var leaves = path[..^FileNames.ListSuffix.Length] + FileNames.LeavesSuffix;
            if (ListedChips.Verify(File.ReadAllBytes(path), File.ReadAllBytes(leaves), chipMaker)
                .Refused(out var list, out var why))
            {
                return why with { Detail = $"{path}: {why.Detail}" };
            }

            lists.Add(list);
        }

        return lists;
    }

    private static List<string> FilesOf(string folder, string suffix) =>
        [.. Directory.GetFiles(folder, "*" + suffix).Order(StringComparer.Ordinal)];
}
