using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Protocol;
using Keywright.Protocol.Backup.Log;
using Keywright.PublicDirectory.Backup;

namespace Keywright.Cli.Backup;

/// <summary>What the one does who keeps the directory: init, admit, publish.</summary>
internal static class KeepDirectory
{
    private static readonly Option<string> Name = new Option<string>("--name")
    {
        Description = "the log's name: an address without a scheme, as directory.example/log",
        Required = true,
    }.Must(LogKey.IsName, $"1 to {LogKey.MaxNameLength} visible ASCII characters, no plus");

    private static readonly Argument<FileInfo[]> Entries = new Argument<FileInfo[]>("entry")
    {
        Description = "an entry that a chip made of its key store",
        Arity = ArgumentArity.OneOrMore,
    }.AcceptExistingOnly();

    public static Command Init()
    {
        var command = new Command(
            "init",
            "makes a directory with an empty log: the log's key, its verifier key, the public files; what is "
            + "there stays as it is\n\nExample:\n"
            + "  keywright directory init --dir directory --name directory.example/log")
        {
            DirectoryFolder.Dir, Name,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var (where, name) = (parsed.GetRequiredValue(DirectoryFolder.Dir), parsed.GetRequiredValue(Name));
            return With(DirectoryFolder.Create(where, name, session), session, directory =>
                session.Report(new JsonObject
                {
                    ["log"] = directory.Log.Key.Name,
                    ["entries"] = directory.Log.Size,
                    ["verifier key"] = directory.Log.Key.ToString(),
                    ["verifier key file"] = Path.Combine(where.ToString(), DirectoryFolder.LogKeyFile),
                    ["public files"] = Path.Combine(where.ToString(), DirectoryFolder.PublicFolder),
                }));
        });
        return command;
    }

    public static Command Admit()
    {
        var command = new Command(
            "admit",
            "lets the certificates of an issuer into the directory; the keeper vouches for the order key"
            + "\n\nExample:\n  keywright directory admit --dir directory --issuer oem/issuer.cose "
            + "--order-key oem/order.pub")
        {
            DirectoryFolder.Dir, BackupFiles.Issuer, BackupFiles.OrderKey,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var folder = new PartyFolder(parsed.GetRequiredValue(DirectoryFolder.Dir));
            var issuer = BackupFiles.Read(parsed, BackupFiles.Issuer, folder, BackupFiles.IssuerName);
            var orderKey = BackupFiles.Read(parsed, BackupFiles.OrderKey, folder, FileNames.OrderKey);
            return WithOpened(parsed, session, directory =>
                directory.Log.Admit(Digest.Of(orderKey), orderKey, issuer).Refused(out var chain, out var why)
                    ? session.Refuse(why)
                    : session.Report(new JsonObject
                    {
                        ["issuer"] = chain.Issuer.Digest.ToString(),
                        ["product"] = chain.Issuer.Content.Product,
                        ["order key"] = chain.OrderKey.Id.ToString(),
                        ["issuing key"] = chain.Issuer.Content.Issuing.Id.ToString(),
                        ["log"] = chain.Issuer.Content.LogKey().Name,
                    }));
        });
        return command;
    }

    public static Command Publish()
    {
        var command = new Command(
            "publish",
            "appends entries to the log, one after the other; an entry that is there keeps its place; stops "
            + "at the first that is refused\n\nExample:\n"
            + "  keywright directory publish --dir directory 001.entry")
        {
            DirectoryFolder.Dir, Entries,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            return WithOpened(
                parsed, session, directory => Publish(parsed.GetRequiredValue(Entries), directory, session));
        });
        return command;
    }

    private static int Publish(FileInfo[] entries, DirectoryFolder directory, Session session)
    {
        var rows = new JsonArray();
        foreach (var file in entries)
        {
            if (PublishEntry.Run(directory.Log, File.ReadAllBytes(file.FullName))
                .Refused(out var listed, out var why))
            {
                return session.Refuse(why with { Detail = $"{file}: {why.Detail}" });
            }

            rows.Add((JsonNode)new JsonObject
            {
                ["entry"] = file.ToString(),
                ["leaf"] = listed.Leaf,
                ["number"] = listed.Number,
                ["leaf hash"] = listed.LeafHash.ToString(),
            });
        }

        return session.Report(new JsonObject { ["entries"] = directory.Log.Size, ["published"] = rows });
    }

    private static int WithOpened(ParseResult parsed, Session session, Func<DirectoryFolder, int> act) =>
        With(DirectoryFolder.Open(parsed.GetRequiredValue(DirectoryFolder.Dir), session), session, act);

    private static int With(
        Outcome<DirectoryFolder> opened, Session session, Func<DirectoryFolder, int> act)
    {
        if (opened.Refused(out var directory, out var why))
        {
            return session.Refuse(why);
        }

        using (directory)
        {
            return act(directory);
        }
    }
}
