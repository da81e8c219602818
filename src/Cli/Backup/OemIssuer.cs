using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Cli.Provisioning;
using Keywright.Owner.Backup;
using Keywright.Protocol.Backup.Log;

namespace Keywright.Cli.Backup;

/// <summary><c>keywright oem issuer</c>: who certifies a product's devices, and which log counts.</summary>
internal static class OemIssuer
{
    private static readonly Option<FileInfo> IssuingKey = Existing(
        "--issuing-key", "the site's public key that signs identity certificates, 65 bytes");

    private static readonly Option<FileInfo> LogKeyFile = Existing(
        "--log-key", "the verifier key of the directory's log");

    private static readonly Option<string> Product = new("--product")
    {
        Description = "the product whose devices are certified, 1 to 32 visible ASCII characters",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "issuer",
            "signs which key certifies a product's devices and which log proves their backups\n\nExample:\n"
            + "  keywright oem issuer --dir oem --issuing-key site/issuing.pub --product pump "
            + "--log-key directory/log.vkey")
        {
            OemInit.Dir, IssuingKey, Product, LogKeyFile,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(OemInit.Dir));
        var verifierKey = File.ReadAllText(parsed.GetRequiredValue(LogKeyFile).FullName).TrimEnd();
        if (PublicFile.ReadKey(parsed.GetRequiredValue(IssuingKey).ToString())
                .Refused(out var issuing, out var why)
            || LogKey.Parse(verifierKey).Refused(out var log, out why)
            || folder.OpenKeys(session).Refused(out var keys, out why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            if (keys.Signing(OemInit.OrderKey).Refused(out var orderKey, out why))
            {
                return session.Refuse(why);
            }

            using (orderKey)
            {
                if (SignIssuer.Run(issuing, parsed.GetRequiredValue(Product), log, orderKey)
                    .Refused(out var issuer, out why))
                {
                    return session.Refuse(why);
                }

                var path = folder.PathTo(BackupFiles.IssuerName);
                PublicFile.Write(path, issuer.Bytes.Span);
                return session.Report(new JsonObject
                {
                    ["issuer"] = issuer.Digest.ToString(),
                    ["product"] = issuer.Content.Product,
                    ["order key"] = orderKey.Public.Id.ToString(),
                    ["issuing key"] = issuing.Id.ToString(),
                    ["log"] = log.Name,
                    ["file"] = path,
                });
            }
        }
    }

    private static Option<FileInfo> Existing(string name, string description) =>
        new Option<FileInfo>(name) { Description = description, Required = true }.AcceptExistingOnly();
}
