using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Diagnostics;

/// <summary><c>keywright device dump</c>: what a program left behind, sealed for its owner.</summary>
internal static class DeviceDump
{
    private static readonly Dictionary<string, DumpKind> Kinds = new()
    {
        ["core"] = DumpKind.ElfCore,
        ["trace"] = DumpKind.Trace,
        ["registers"] = DumpKind.Registers,
        ["history"] = DumpKind.History,
    };

    private static readonly Dictionary<string, DumpTrigger> Triggers = new()
    {
        ["crash"] = DumpTrigger.Crash,
        ["debug-request"] = DumpTrigger.DebugRequest,
        ["attack"] = DumpTrigger.Attack,
        ["data"] = DumpTrigger.Data,
    };

    private static readonly Option<DirectoryInfo> Chip = new("--chip")
    {
        Description = "the folder of the soft chip",
        Required = true,
    };

    private static readonly Option<FileInfo> OwnerKey = new("--owner-key")
    {
        Description = "the public module key of the program's owner, 65 bytes",
        Required = true,
    };

    private static readonly Option<string> Program = new("--program")
    {
        Description = "the program's name in its module",
        Required = true,
    };

    private static readonly Option<string> Content = new("--content")
    {
        Description = "what the program left behind: a file, or - for standard input",
        Required = true,
    };

    private static readonly Option<FileInfo> Out = new("--out")
    {
        Description = "the sealed dump",
        Required = true,
    };

    private static readonly Option<string> Kind = new("--kind")
    {
        Description = "what the content is",
        DefaultValueFactory = _ => "core",
    };

    private static readonly Option<string> Trigger = new("--trigger")
    {
        Description = "why it was collected",
        DefaultValueFactory = _ => "crash",
    };

    public static Command Create()
    {
        Kind.AcceptOnlyFromAmong([.. Kinds.Keys]);
        Trigger.AcceptOnlyFromAmong([.. Triggers.Keys]);
        var command = new Command(
            "dump",
            "seals what a program left behind, so that only the program's owner reads it\n\nExample:\n"
            + "  keywright device dump --chip chips/001 --owner-key owner-a.pub --program app "
            + "--content app.core --out app.dump")
        {
            Chip, OwnerKey, Program, Content, Out, Kind, Trigger,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var point = File.ReadAllBytes(parsed.GetRequiredValue(OwnerKey).FullName);
        if (PublicKey.Parse(point).Refused(out var owner, out var why))
        {
            return session.Refuse(why);
        }

        var request = new DumpRequest(
            owner.Id,
            parsed.GetRequiredValue(Program),
            Kinds[parsed.GetRequiredValue(Kind)],
            Triggers[parsed.GetRequiredValue(Trigger)],
            (ulong)session.Clock.GetUtcNow().ToUnixTimeSeconds());
        using var content = Source(parsed.GetRequiredValue(Content));
        using var chip = SoftChip.Open(parsed.GetRequiredValue(Chip).FullName, session.Entropy);
        using var device = BootedDevice.Boot(chip);
        return Seal(session, device, request, content, parsed.GetRequiredValue(Out).FullName);
    }

    private static int Seal(
        Session session, BootedDevice device, DumpRequest request, Stream content, string path)
    {
        using var dump = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var host = new StreamHost()
            .With("request", request.Encode())
            .With("content", content)
            .To("dump", dump);
        var refusal = device.Execute("dump", host);
        var size = dump.Length;
        dump.Flush(flushToDisk: true);
        if (refusal is null)
        {
            return session.Report(new JsonObject { ["dump"] = path, ["size"] = size });
        }

        if (size == 0)
        {
            dump.Dispose();
            File.Delete(path);
        }

        return session.Refuse(refusal);
    }

    private static Stream Source(string content) =>
        content == "-" ? Console.OpenStandardInput() : File.OpenRead(content);
}
