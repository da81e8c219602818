using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Cli.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Backup;

/// <summary>
/// A chip alone with its backup: <c>device backup</c>, <c>device show-proof</c>, and <c>device wipe-flash</c>
/// to see what one is good for.
/// </summary>
internal static class DeviceBackup
{
    private static readonly Option<FileInfo> Out = new("--out")
    {
        Description = "where to write the entry: public, of use to this chip alone",
        Required = true,
    };

    private static readonly Option<FileInfo> Proof = new Option<FileInfo>("--proof")
    {
        Description = "the proof of the newest entry, from 'keywright directory look-up'",
        Required = true,
    }.AcceptExistingOnly();

    public static Command Create()
    {
        var command = new Command(
            "backup",
            "seals the key store for this chip alone, as an entry for the public directory\n\nExample:\n"
            + "  keywright device backup --chip chips/001 --out 001.entry")
        {
            DeviceIdentify.Chip, Out,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var host = new MemoryHost();
            if (Execute(parsed, session, "backup", host) is { } refused)
            {
                return session.Refuse(refused);
            }

            var bytes = host.Emitted("entry");
            var path = parsed.GetRequiredValue(Out).ToString();
            PublicFile.Write(path, bytes);
            var entry = Message.Parse<Entry>(bytes).OrThrow().Claimed;
            return session.Report(new JsonObject
            {
                ["chip"] = entry.Certificate.Claimed.Chip.ToString(),
                ["device"] = entry.Certificate.Claimed.Device.ToString(),
                ["number"] = entry.Backup.Number,
                ["leaf hash"] = MerkleTree.LeafHash(bytes).ToString(),
                ["entry"] = path,
            });
        });
        return command;
    }

    public static Command ShowProof()
    {
        var command = new Command(
            "show-proof",
            "shows the chip that its newest backup is in the public log; the first time it becomes fielded"
            + "\n\nExample:\n  keywright device show-proof --chip chips/001 --proof found/proof")
        {
            DeviceIdentify.Chip, Proof,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var host = new MemoryHost()
                .With("proof", File.ReadAllBytes(parsed.GetRequiredValue(Proof).FullName));
            return Execute(parsed, session, "show-proof", host) is { } refused
                ? session.Refuse(refused)
                : DeviceIdentify.Run(parsed, session);
        });
        return command;
    }

    public static Command WipeFlash()
    {
        var command = new Command(
            "wipe-flash",
            "erases the flash of a soft chip, as a broken part or a thief would; the die stays as it is"
            + "\n\nExample:\n  keywright device wipe-flash --chip chips/001")
        {
            DeviceIdentify.Chip,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            WipeFlash(parsed.GetRequiredValue(DeviceIdentify.Chip).FullName, session.Entropy);
            return DeviceIdentify.Run(parsed, session);
        });
        return command;
    }

    private static void WipeFlash(string place, IEntropy noise)
    {
        using var silicon = SoftChip.Open(place, noise);
        for (var page = 0; page < silicon.Flash.PageCount; page++)
        {
            silicon.Flash.ErasePage(page);
        }

        silicon.Flash.Sync();
    }

    private static Refusal? Execute(ParseResult parsed, Session session, string command, MemoryHost host)
    {
        using var chip = ChipFolder.Open(
            parsed.GetRequiredValue(DeviceIdentify.Chip).FullName, session.Entropy);
        return chip.Execute(command, host);
    }
}
