using System.CommandLine;
using System.Text.Json.Nodes;
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

    public static Command Create()
    {
        var command = new Command(
            "count",
            "counts receipts against an order's quota; writes orders/ID.chips.cose for the site. Who stands in it "
            + "from an earlier count stays counted; new receipts come after, by file name. Exit code 1 when a "
            + "receipt is refused or the quota is exceeded\n\nExample:\n"
            + "  keywright oem count --dir oem --order 2026-1 --lists chipmaker/lots "
            + "--receipts station/receipts/2026-1 --chip-maker-key chipmaker/chipmaker.pub")
        {
            OemInit.Dir, Id, Lists, Receipts, ChipMakerKey,
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
                return Count(session, folder, id, key, lists, receipts);
            }
        }
    }

    private static int Count(
        Session session,
        PartyFolder folder,
        string id,
        SigningKey key,
        IReadOnlyList<ListedChips> lists,
        string receiptFolder)
    {
        var bytes = File.ReadAllBytes(folder.PathTo(FileNames.Orders, id + FileNames.OrderSuffix));
        if (Message.Parse<Order>(bytes).Refused(out var parsed, out var why)
            || parsed.VerifySignature(key.Public).Refused(out var order, out why))
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
        if (SignCount.Run(count, key).Refused(out var counted, out why))
        {
            return session.Refuse(why);
        }

        PublicFile.Write(file, counted.Bytes.Span);
        session.Report(Report(count, receipts, file));
        return count.Refused.Count == 0 && count.OverQuota.Count == 0 ? Host.Done : Host.Refused;
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

    private static JsonObject Report(ReceiptCount count, List<string> receipts, string file) => new()
    {
        ["id"] = count.Order.Content.Id,
        ["order"] = count.Order.Digest.ToString(),
        ["issued"] = count.Issued,
        ["counted before"] = count.Before.Count,
        ["quota"] = count.Order.Content.Quota,
        ["over quota"] = count.OverQuota.Count,
        ["repeated"] = count.Repeated.Count,
        ["refused"] = count.Refused.Count,
        ["counted chips"] = file,
        ["by package"] = new JsonArray([.. count.ByPackage.Select(package => (JsonNode)new JsonObject
        {
            ["package"] = package.Key.ToString(),
            ["chips"] = package.Value,
        })]),
        ["chips over quota"] = new JsonArray(
            [.. count.OverQuota.Select(chip => JsonValue.Create(chip.ToString()))]),
        ["refused receipts"] = new JsonArray([.. count.Refused.Select(refused => (JsonNode)new JsonObject
        {
            ["receipt"] = receipts[refused.Index],
            ["chip"] = refused.Chip?.ToString(),
            ["refused as"] = refused.Refusal.Name,
            ["what"] = refused.Refusal.Detail,
        })]),
    };
}
