using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Keywright.Owner.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Cli.KeyDownload;

/// <summary>What operators prepare: the SAM, its keys, its list of units, its authorisation.</summary>
internal static class SetUpSam
{
    private static readonly Option<uint> Ref2 = new("--ref2")
    {
        Description = "the units' slot",
        Required = true,
    };

    private static readonly Option<string> Usage = new("--usage")
    {
        Description = "key usage of X9.143: D0 data encryption, M6 CMAC, …",
        DefaultValueFactory = _ => "D0",
    };

    private static readonly Option<string> Mode = new("--mode")
    {
        Description = "mode of use of X9.143: B both ways, E encrypt, D decrypt, C make and verify MACs",
        DefaultValueFactory = _ => "B",
    };

    private static readonly Option<int> Version = new("--key-version")
    {
        Description = "1 to 99; a higher one under the same REF1 replaces the key",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Ceiling = new("--ceiling")
    {
        Description = "how many downloads are allowed in all",
        Required = true,
    };

    private static readonly Option<int> Bits = new("--bits")
    {
        Description = "128, 192 or 256",
        DefaultValueFactory = _ => 256,
    };

    public static Command Init()
    {
        var transport = new Option<FileInfo>("--transport-key")
        {
            Description = "file with T, 16, 24 or 32 bytes, as the units have it; not needed afterwards",
            Required = true,
        };
        var applicationId = new Option<string>("--application-id")
        {
            Description = "1 to 8 characters, as in the units' slot table",
            DefaultValueFactory = _ => Encoding.ASCII.GetString(SlotTable.Default.ApplicationId.Span),
        };
        var command = SamCommand.Bare(
            "init",
            "makes a SAM in its folder. Example: keywright sam init --dir sam --transport-key transport.key",
            [transport, applicationId]);
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var made = Init(
                parsed.GetValue(SamFolder.Dir)!,
                session,
                File.ReadAllBytes(parsed.GetValue(transport)!.FullName),
                Encoding.UTF8.GetBytes(parsed.GetValue(applicationId)!));
            return made.Refused(out var report, out var why) ? session.Refuse(why) : session.Report(report);
        });
        return command;
    }

    public static Command CreateKey()
    {
        return SamCommand.Create(
            "create-key",
            "draws an application key inside the SAM, for AES, never exportable from a unit. "
            + "Example: keywright sam create-key --ref1 1 --ref2 1 --usage D0 --mode B --ceiling 100",
            [SamCommand.Ref1, Ref2, Usage, Mode, Version, Ceiling, Bits],
            (sam, parsed, _) =>
            {
                var size = parsed.GetValue(Bits);
                var wanted = new WantedKey(
                    parsed.GetValue(SamCommand.Ref1),
                    parsed.GetValue(Usage)!,
                    parsed.GetValue(Mode) is [var one] ? one : ' ',
                    parsed.GetValue(Version),
                    parsed.GetValue(Ref2),
                    parsed.GetValue(Ceiling),
                    size % 8 == 0 ? size / 8 : 0);
                return CreateApplicationKey.Run(sam, wanted).Refused(out var key, out var why)
                    ? why
                    : SamReports.Key(key);
            });
    }

    public static Command AddToList()
    {
        var serials = new Option<string[]>("--serial")
        {
            Description = "serial numbers in hexadecimal: a unit's is its chip ID",
            AllowMultipleArgumentsPerToken = true,
        };
        var list = new Option<FileInfo?>("--list") { Description = "file with one serial number a line" };
        var chips = new Option<DirectoryInfo?>("--chips")
        {
            Description = "folder whose subfolders hold soft chips",
        };
        return SamCommand.Create(
            "add-units",
            "puts units on the SAM's list; only these are answered. "
            + "Example: keywright sam add-units --list units.txt",
            [serials, list, chips],
            (sam, parsed, session) =>
            {
                var given = Lines("--serial", parsed.GetValue(serials) ?? []).ToList();
                if (parsed.GetValue(list) is { } file)
                {
                    given.AddRange(Lines($"{file}, line", File.ReadLines(file.FullName)));
                }

                if (parsed.GetValue(chips) is { } set)
                {
                    var found = UnitFolder.AllIn(set, session.Entropy);
                    given.AddRange(Lines($"{set}, chip", found.Select(unit => $"{unit.Serial}")));
                }

                return Add(sam, given);
            });
    }

    public static Command Authorise()
    {
        var name = new Option<string>("--operator")
        {
            Description = "who authorises",
            DefaultValueFactory = _ => Environment.UserName,
        };
        var withdraw = new Option<bool>("--withdraw") { Description = "takes the authorisation back" };
        var ref1 = new Option<uint?>("--ref1")
        {
            Description = "a key that has to be there; with --ceiling, the one whose ceiling is raised",
        };
        var ceiling = new Option<int?>("--ceiling")
        {
            Description = "so many downloads of the key are allowed in all",
        };
        var command = SamCommand.Create(
            "authorise",
            "lets the SAM answer for all its keys until that is taken back; --ref1 names one that has to be "
            + "there, --ceiling raises its ceiling. "
            + "Example: keywright sam authorise --operator Ada --ref1 1 --ceiling 200",
            [name, withdraw, ref1, ceiling],
            (sam, parsed, session) =>
            {
                var key = parsed.GetValue(ref1) ?? 0;
                if (parsed.GetValue(ref1) is not null && !sam.State.Record.ApplicationKeys.ContainsKey(key))
                {
                    return new Refusal(Reason.UnknownApplicationKey, $"no application key {key}");
                }

                if (parsed.GetValue(ceiling) is { } allowed
                    && AuthoriseDownloads.Raise(sam, key, allowed).Refused(out _, out var why))
                {
                    return why;
                }

                var now = session.Clock.GetUtcNow();
                return AuthoriseDownloads.Run(sam, parsed.GetValue(name)!, now, !parsed.GetValue(withdraw))
                    .Refused(out _, out why)
                    ? why
                    : SamReports.Overview(sam);
            });
        command.Needs(ceiling, ref1);
        return command;
    }

    private static Outcome<JsonNode> Init(
        DirectoryInfo folder, Session session, byte[] transport, byte[] applicationId)
    {
        if (transport.Length is not (16 or 24 or 32))
        {
            return new Refusal(Reason.Malformed, $"a T of {transport.Length} bytes, not 16, 24 or 32");
        }

        if (applicationId.Length is 0 or > Diversification.MaxApplicationIdSize)
        {
            return new Refusal(
                Reason.Malformed, $"an application ID of {applicationId.Length} bytes, not 1 to 8");
        }

        using var key = new TransportKey(transport);
        CryptographicOperations.ZeroMemory(transport);
        if (SamFolder.Create(folder, session, key, applicationId).Refused(out var sam, out var why))
        {
            return why;
        }

        using (sam)
        {
            return SamReports.Overview(sam);
        }
    }

    private static IEnumerable<(string Place, string Text)> Lines(string source, IEnumerable<string> lines) =>
        lines.Select((line, i) => ($"{source} {i + 1}", line.Trim())).Where(line => line.Item2.Length > 0);

    // A wrong file may hold a secret: a line is named by its place, and never repeated.
    private static Outcome<JsonNode> Add(Sam sam, IEnumerable<(string Place, string Text)> given)
    {
        var units = new List<SerialNumber>();
        foreach (var (place, text) in given)
        {
            var bytes = new byte[SerialNumber.MaxSize];
            if (Convert.FromHexString(text, bytes, out _, out var size) != System.Buffers.OperationStatus.Done
                || size == 0)
            {
                return new Refusal(Reason.Malformed, $"{place}: not 1 to 20 bytes in hexadecimal");
            }

            units.Add(new SerialNumber(bytes.AsSpan(0, size)));
        }

        var added = AddUnits.Run(sam, units);
        return new JsonObject { ["added"] = added, ["units"] = sam.State.Record.Units.Count };
    }
}
