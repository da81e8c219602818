using System.Buffers.Binary;
using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Cli.KeyDownload;

/// <summary>The unit's two commands, over the folder of a soft chip.</summary>
internal static class AskUnit
{
    private static readonly Option<DirectoryInfo> Chip = new("--chip")
    {
        Description = "folder of the unit's soft chip",
        Required = true,
    };

    private static readonly Option<FileInfo> Out = new("--out")
    {
        Description = "where to write what the unit answers",
        Required = true,
    };

    public static Command Challenge()
    {
        var command = new Command(
            "challenge",
            "draws a random and asks for an application key with it. "
            + "Example: keywright device challenge --chip chips/001 --ref1 1 --out unit.request")
        {
            Chip, SamCommand.Ref1, Out,
        };
        command.SetAction(parsed =>
        {
            var ref1 = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(ref1, parsed.GetValue(SamCommand.Ref1));
            return Run(parsed, "challenge", new MemoryHost().With("ref1", ref1), "export-key", bytes =>
            {
                var request = ExportKey.Parse(bytes).OrThrow();
                return new JsonObject
                {
                    ["unit"] = request.Serial.ToString(),
                    ["ref1"] = request.Ref1,
                    ["random"] = request.Random.ToString(),
                };
            });
        });
        return command;
    }

    public static Command Import()
    {
        var import = new Option<FileInfo>("--in")
        {
            Description = "the IMPORT KEY for this unit, from 'keywright sam export'",
            Required = true,
        };
        var command = new Command(
            "import-key",
            "verifies and stores an application key, and acknowledges it. "
            + "Example: keywright device import-key --chip chips/001 --in unit.import --out unit.ack")
        {
            Chip, import, Out,
        };
        command.SetAction(parsed =>
        {
            var host = new MemoryHost().With(
                "import-key", File.ReadAllBytes(parsed.GetValue(import)!.FullName));
            return Run(parsed, "import-key", host, "acknowledgement", bytes =>
            {
                var acknowledgement = Acknowledgement.Parse(bytes).OrThrow();
                return new JsonObject
                {
                    ["unit"] = acknowledgement.Serial.ToString(),
                    ["stored"] = acknowledgement.Data.ToString(),
                };
            });
        });
        return command;
    }

    private static int Run(
        ParseResult parsed, string command, MemoryHost host, string output, Func<byte[], JsonObject> report)
    {
        var session = new Session(parsed);
        using var chip = ChipFolder.Open(parsed.GetValue(Chip)!.FullName, session.Entropy);
        if (chip.Execute(command, host) is { } refused)
        {
            return session.Refuse(refused);
        }

        var answer = host.Emitted(output);
        File.WriteAllBytes(parsed.GetValue(Out)!.FullName, answer);
        return session.Report(report(answer));
    }
}
