using System.CommandLine;
using System.Text;
using Keywright.CommandLine;

namespace Keywright.StationTool;

/// <summary><c>report</c>: where every chip of a lot stands, read from the journal alone.</summary>
internal static class ReportCommand
{
    private static readonly Option<FileInfo?> Out = new("--out")
    {
        Description = "file for the account as JSON, for the OEM to count with",
    };

    private static readonly Option<FileInfo?> Html = new("--html")
    {
        Description = "file for a page with a picture, which needs nothing beside it",
    };

    public static Command Create()
    {
        var command = new Command(
            "report",
            "where every chip of a lot stands: issued = provisioned + failed + scrapped + open\n\nExample:\n"
            + "  keywright-station report --dir station --order oem/orders/2026-1.cose "
            + "--out station/2026-1.account.json --html station/2026-1.html")
        {
            LotOptions.Dir, LotOptions.Order, LotOptions.Journal, Out, Html,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        if (LotOptions.ReadBook(parsed).Refused(out var lot, out var why))
        {
            return session.Refuse(why);
        }

        var account = LotReport.Account(lot.Order.Claimed, lot.Order.Digest, lot.Book);
        if (parsed.GetValue(Out) is { } file)
        {
            PublicFile.Write(file.ToString(), Encoding.UTF8.GetBytes(account.ToJsonString()));
        }

        if (parsed.GetValue(Html) is { } page)
        {
            var html = LotReport.Page(lot.Order.Claimed, lot.Book).ToHtml();
            PublicFile.Write(page.ToString(), Encoding.UTF8.GetBytes(html));
        }

        return session.Report(account);
    }
}
