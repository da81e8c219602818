using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Station.Backup;

namespace Keywright.Cli.Backup;

/// <summary>
/// <c>keywright station field</c> and <c>station publish-backup</c>: what makes chips devices that nobody has
/// to keep anything for. Both can be repeated until all is done.
/// </summary>
internal static class StationField
{
    private static readonly Option<DirectoryInfo> SiteDir =
        Existing("--site", "folder of the site, under the same passphrase");

    private static readonly Option<DirectoryInfo> DirectoryDir =
        Existing("--directory", "folder of the directory's keeper, under the same passphrase");

    public static Command Create()
    {
        var command = new Command(
            "field",
            "takes programmed chips to the field: proof of possession, certificate, backup, publication, "
            + "proof of it; run it again after any stop; exit code 1 when a chip was refused\n\nExample:\n"
            + "  keywright station field --dir station --site site --directory directory "
            + "--issuer oem/issuer.cose --order-key oem/order.pub --chips chips")
        {
            StationFolder.Dir, SiteDir, DirectoryDir, BackupFiles.Issuer, BackupFiles.OrderKey,
        };
        command.SetAction(parsed => Field(parsed, new Session(parsed)));
        return ChipsAtHand.AddTo(command);
    }

    public static Command PublishBackup()
    {
        var command = new Command(
            "publish-backup",
            "publishes the backup of a device's key store as it is now and shows the device the proof; due "
            + "after each change of its keys\n\nExample:\n"
            + "  keywright station publish-backup --directory directory --chips chips")
        {
            DirectoryDir,
        };
        command.SetAction(parsed => PublishBackup(parsed, new Session(parsed)));
        return ChipsAtHand.AddTo(command);
    }

    private static int Field(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(StationFolder.Dir));
        var issuer = BackupFiles.Read(parsed, BackupFiles.Issuer, folder, BackupFiles.IssuerName);
        var orderKey = BackupFiles.Read(parsed, BackupFiles.OrderKey, folder, FileNames.OrderKey);
        using var site = SiteFolder.Open(parsed.GetRequiredValue(SiteDir));
        if (site.OpenKeys(session).Refused(out var keys, out var why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            if (OpenDirectory(parsed, session).Refused(out var directory, out why))
            {
                return session.Refuse(why);
            }

            using (directory)
            {
                var station = new FieldDevice(
                    orderKey, issuer, new SiteCertifier(site, keys, session), directory);
                return ChipsAtHand.Each(
                    parsed, session, "fielded", (chip, facts) => Field(station, site, chip, facts));
            }
        }
    }

    private static Outcome<JsonObject> Field(
        FieldDevice station, SiteFolder site, ChipFolder chip, ChipFacts facts)
    {
        if (site.Devices.Find(facts.ChipId) is not { Devices: [var device, ..] })
        {
            return new Refusal(Reason.UnknownId, $"chip {facts.ChipId} was never programmed for this site");
        }

        return station.Run(chip, device) is { } refused ? refused : Told(chip, device.ToString());
    }

    private static int PublishBackup(ParseResult parsed, Session session)
    {
        if (OpenDirectory(parsed, session).Refused(out var directory, out var why))
        {
            return session.Refuse(why);
        }

        using (directory)
        {
            var publish = new PublishBackup(directory);
            return ChipsAtHand.Each(
                parsed,
                session,
                "published",
                (chip, _) => publish.Run(chip) is { } refused ? refused : Told(chip, null));
        }
    }

    private static Outcome<JsonObject> Told(ChipFolder chip, string? device) =>
        chip.Identify().Refused(out var facts, out var why)
            ? why
            : new JsonObject { ["device"] = device, ["number"] = facts.StoreShown };

    private static Outcome<DirectoryFolder> OpenDirectory(ParseResult parsed, Session session) =>
        DirectoryFolder.Open(parsed.GetRequiredValue(DirectoryDir), session);

    private static Option<DirectoryInfo> Existing(string name, string description) =>
        new Option<DirectoryInfo>(name) { Description = description, Required = true }.AcceptExistingOnly();
}
