using System.CommandLine;
using Keywright.CommandLine;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>By what every command of a lot finds the lot: the station's folder, the order, the journal.</summary>
internal static class LotOptions
{
    public static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("station");

    public static readonly Option<FileInfo> Order = Required("--order", "the OEM's signed order");

    public static readonly Option<FileInfo> Journal = new("--journal")
    {
        Description =
            "the journal of this lot, written before anything happens (else ORDER.journal in the folder)",
    };

    public static readonly Option<string?> Events = new("--events")
    {
        Description = "file for JSON events, one object a line, added at its end; - for the standard output",
    };

    public static Option<FileInfo> Required(string name, string description) =>
        new Option<FileInfo>(name) { Description = description, Required = true }.AcceptExistingOnly();

    public static PartyFolder Folder(ParseResult parsed) => new(parsed.GetRequiredValue(Dir));

    /// <summary>Under what name the files of this order's lot lie.</summary>
    public static string NameOf(Order order, Digest digest) =>
        FileNames.CanName(order.Id) ? order.Id : digest.ToString();

    public static string JournalPath(ParseResult parsed, Order order, Digest digest) =>
        Folder(parsed).PathTo(parsed.GetValue(Journal), NameOf(order, digest) + FileNames.JournalSuffix);

    /// <summary>
    /// The order and the lot's book as the journal has it; nothing is changed. The order says what the journal
    /// is called, and its digest that it is this one: its signature was verified when the lot was begun.
    /// Refusals: those of a message, UnknownOrder.
    /// </summary>
    public static Outcome<(Unverified<Order> Order, LotBook Book)> ReadBook(ParseResult parsed)
    {
        var bytes = File.ReadAllBytes(parsed.GetRequiredValue(Order).FullName);
        if (Message.Parse<Order>(bytes).Refused(out var order, out var why))
        {
            return why;
        }

        var path = JournalPath(parsed, order.Claimed, order.Digest);
        var book = LotBook.Read(path);
        return book.Order == order.Digest
            ? (order, book)
            : new Refusal(Reason.UnknownOrder, $"{path} holds no lot of this order");
    }
}
