using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.CommandLine;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.PublicDirectory.Backup;

namespace Keywright.Cli.Backup;

/// <summary>
/// What anyone can do with the public directory or a mirror of it, without any key: look a chip up, audit,
/// mirror.
/// </summary>
internal static class DirectoryCommands
{
    private static readonly Option<DirectoryInfo> Folder = new("--folder")
    {
        Description = "the directory, its public files, or a mirror of them",
        Required = true,
    };

    private static readonly Option<FileInfo> LogKeyFile = new("--log-key")
    {
        Description = "the log's verifier key, from another source than the directory itself",
        Required = true,
    };

    public static void AddTo(Parties parties)
    {
        parties.Directory.Subcommands.Add(LookUp());
        parties.Directory.Subcommands.Add(Audit());
        parties.Directory.Subcommands.Add(Mirror());
    }

    private static Command LookUp()
    {
        var chip = new Argument<string>("chip") { Description = "the chip ID, 34 hex digits" };
        var to = new Option<DirectoryInfo>("--out")
        {
            Description = "folder for entry, proof, issuer and order-key: what the chip's 'recover' takes",
            Required = true,
        };
        var command = new Command(
            "look-up",
            "finds the newest backup of a chip, with all that the chip needs to recover\n\nExample:\n"
            + "  keywright directory look-up --folder directory --out found 01f54f…")
        {
            Folder, to, chip,
        };
        command.SetAction(parsed => LookUp(
            parsed.GetValue(chip)!,
            parsed.GetValue(Folder)!.FullName,
            parsed.GetValue(to)!,
            new Session(parsed)));
        return command;
    }

    private static int LookUp(string chip, string folder, DirectoryInfo to, Session session)
    {
        using var files = Open(folder);
        if (ChipId.Parse(chip).Refused(out var id, out var why)
            || LookUpChip.Run(files, id).Refused(out var found, out why)
            || ProveEntry.Run(files, found[0].Listed).Refused(out var proof, out why))
        {
            return session.Refuse(why);
        }

        to.Create();
        Write("entry", found[0].Entry);
        Write("proof", proof);
        Write("issuer", found[0].Issuer);
        Write("order-key", found[0].OrderKey);
        return session.Report(new JsonObject
        {
            ["chip"] = id.ToString(),
            ["number"] = found[0].Listed.Number,
            ["leaf"] = found[0].Listed.Leaf,
            ["entries"] = found.Count,
            ["written to"] = to.FullName,
        });

        void Write(string name, ReadOnlyMemory<byte> content) =>
            File.WriteAllBytes(Path.Combine(to.FullName, name), content.Span);
    }

    private static Command Audit()
    {
        var command = new Command(
            "audit",
            "recomputes the log from its files and names every entry that is not as it was logged"
            + "\n\nExample:\n"
            + "  keywright directory audit --folder directory --log-key log.vkey")
        {
            Folder, LogKeyFile,
        };
        command.SetAction(parsed => Audit(
            parsed.GetValue(Folder)!.FullName, parsed.GetValue(LogKeyFile)!, new Session(parsed)));
        return command;
    }

    private static int Audit(string folder, FileInfo logKey, Session session)
    {
        if (ReadKey(logKey).Refused(out var key, out var why))
        {
            return session.Refuse(why);
        }

        using var files = Open(folder);
        var report = AuditDirectory.Run(files, key);
        session.Report(new JsonObject
        {
            ["log"] = key.Name,
            ["entries"] = report.Checkpoint?.Size,
            ["root"] = report.Checkpoint?.Root.ToString(),
            ["sound"] = report.Clean,
            ["faults"] = new JsonArray([.. report.Faults.Select(fault => new JsonObject
            {
                ["finding"] = fault.Finding.ToString(),
                ["about"] = fault.About,
            })]),
        });
        return report.Clean ? Host.Done : Host.Refused;
    }

    private static Command Mirror()
    {
        var to = new Option<DirectoryInfo>("--to") { Description = "the mirror's folder", Required = true };
        var command = new Command(
            "mirror",
            "brings a mirror up to the directory, if that passes its audit and continues what the mirror "
            + "holds\n\nExample:\n"
            + "  keywright directory mirror --folder directory --to mirror --log-key log-key")
        {
            Folder, to, LogKeyFile,
        };
        command.SetAction(parsed => Mirror(
            parsed.GetValue(Folder)!.FullName,
            parsed.GetValue(to)!.FullName,
            parsed.GetValue(LogKeyFile)!,
            new Session(parsed)));
        return command;
    }

    private static int Mirror(string folder, string to, FileInfo logKey, Session session)
    {
        using var source = Open(folder);
        using var mirror = DiskFiles.ForWriting(to);
        return ReadKey(logKey).Refused(out var key, out var why)
            || MirrorDirectory.Run(source, mirror, key).Refused(out var held, out why)
            ? session.Refuse(why)
            : session.Report(new JsonObject
            {
                ["log"] = key.Name,
                ["entries"] = held.Size,
                ["root"] = held.Root.ToString(),
            });
    }

    /// <summary>The keeper's folder stands for the public files in it.</summary>
    private static DiskFiles Open(string folder)
    {
        string[] places = [folder, Path.Combine(folder, DirectoryFolder.PublicFolder)];
        foreach (var place in places)
        {
            var files = DiskFiles.ForReading(place);
            if (files.IsDirectory)
            {
                return files;
            }

            files.Dispose();
        }

        throw new IOException($"{folder} is no public directory: there is no checkpoint in it.");
    }

    private static Outcome<LogKey> ReadKey(FileInfo file) =>
        LogKey.Parse(File.ReadAllText(file.FullName).TrimEnd('\n'));
}
