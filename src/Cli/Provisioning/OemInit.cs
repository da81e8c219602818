using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Cli.Provisioning;

/// <summary><c>keywright oem init</c>: the OEM's own keys.</summary>
internal static class OemInit
{
    /// <summary>The folder of every OEM's command.</summary>
    public static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("OEM");

    /// <summary>The order key's name in the key file.</summary>
    public const string OrderKey = "order";

    /// <summary>The module key's name in the key file.</summary>
    public const string ModuleKey = "module";

    public static Command Create()
    {
        var command = new Command(
            "init",
            "makes the OEM's keys: one that signs orders, one that signs modules; keys that are there stay "
            + "as they are\n\nExample:\n  keywright oem init --dir oem")
        {
            Dir,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(Dir));
        if (folder.OpenOrCreateKeys(session, FileNames.OrderKey, FileNames.ModuleKey)
            .Refused(out var keys, out var why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            return MakeKeys(folder, keys, session).Refused(out var made, out why)
                ? session.Refuse(why)
                : session.Report(new JsonObject
                {
                    ["order key"] = made.Order.ToString(),
                    ["module key"] = made.Module.ToString(),
                    ["key file"] = folder.PathTo(FileNames.Keys),
                    ["public keys"] = new JsonArray(
                        folder.PathTo(FileNames.OrderKey), folder.PathTo(FileNames.ModuleKey)),
                });
        }
    }

    /// <summary>The keys that are missing, and both public ones as files. Refusals: UnknownKey.</summary>
    public static Outcome<(Digest Order, Digest Module)> MakeKeys(PartyFolder folder, KeyFile keys, Session session)
    {
        Make(keys, OrderKey, session.Entropy);
        Make(keys, ModuleKey, session.Entropy);
        keys.Save();
        if (keys.Signing(OrderKey).Refused(out var order, out var why)
            || keys.Signing(ModuleKey).Refused(out var module, out why))
        {
            return why;
        }

        using (order)
        {
            using (module)
            {
                PublicFile.Write(folder.PathTo(FileNames.OrderKey), order.Public.Bytes);
                PublicFile.Write(folder.PathTo(FileNames.ModuleKey), module.Public.Bytes);
                return (order.Public.Id, module.Public.Id);
            }
        }
    }

    private static void Make(KeyFile keys, string name, IEntropy entropy)
    {
        if (!keys.Names.Contains(name))
        {
            using var key = SigningKey.Generate(entropy);
            keys.Add(name, key);
        }
    }
}
