using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Cli.KeyDownload;

/// <summary><c>sam slot-table</c>: writes the configuration that the OEM provisions into units.</summary>
internal static class WriteSlotTable
{
    private const int FieldCount = 4;

    private static readonly Option<string[]> Slots = new("--slot")
    {
        Description = "REF2:USAGE:MODE:MINIMUM-VERSION, by rising REF2",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> ApplicationId = new("--application-id")
    {
        Description = "1 to 8 characters, as at 'keywright sam init'",
        DefaultValueFactory = _ => Encoding.ASCII.GetString(SlotTable.Default.ApplicationId.Span),
    };

    private static readonly Option<FileInfo> Out = new("--out")
    {
        Description = "where to write the table",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "slot-table",
            $"writes a slot table, which the OEM provisions as configuration {SlotTable.AssetRef}. "
            + "Example: keywright sam slot-table --slot 1:D0:B:1 9:M6:C:1 --out slots.cbor")
        {
            Slots, ApplicationId, Out,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            if (Table(parsed).Refused(out var encoded, out var why))
            {
                return session.Refuse(why);
            }

            File.WriteAllBytes(parsed.GetValue(Out)!.FullName, encoded);
            return session.Report(new JsonObject
            {
                ["slots"] = parsed.GetValue(Slots)!.Length,
                ["bytes"] = encoded.Length,
            });
        });
        return command;
    }

    /// <summary>The bytes of the table, read back as a unit will read them.</summary>
    private static Outcome<byte[]> Table(ParseResult parsed)
    {
        var slots = new List<KeySlot>();
        foreach (var text in parsed.GetValue(Slots)!)
        {
            if (text.Split(':') is not { Length: FieldCount } field
                || !uint.TryParse(field[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ref2)
                || !int.TryParse(field[3], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                || field[2] is not [var mode])
            {
                return new Refusal(Reason.Malformed, $"{text} is not REF2:USAGE:MODE:MINIMUM-VERSION");
            }

            slots.Add(new KeySlot(ref2, field[1], mode, version));
        }

        if (slots.Count > SlotTable.MaxSlots)
        {
            return new Refusal(Reason.TooLarge, $"{slots.Count} slots, at most {SlotTable.MaxSlots}");
        }

        var applicationId = Encoding.UTF8.GetBytes(parsed.GetValue(ApplicationId)!);
        var encoded = new SlotTable(applicationId, slots).Encode();
        return SlotTable.Parse(encoded).Refused(out _, out var why) ? why : encoded;
    }
}
