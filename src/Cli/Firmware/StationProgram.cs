using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Cli.Folders;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;
using Keywright.Station.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary><c>keywright station program</c>: provisioned chips become devices, one File each.</summary>
internal static class StationProgram
{
    private static readonly Option<string> DeviceType = SiteCommand.Required<string>(
        "--device-type", "what the chips become; the site must have a bootloader for it");

    private static readonly Option<FileInfo> Order = SiteCommand.Existing(
        "--order", "the signed order that the chips were provisioned under");

    private static readonly Option<DirectoryInfo?> Chip = new("--chip")
    {
        Description = "folder of one soft chip",
    };

    private static readonly Option<DirectoryInfo?> Chips = new("--chips")
    {
        Description = "folder whose subfolders hold soft chips; those not provisioned are passed over",
    };

    private static readonly Option<DirectoryInfo?> Site = new("--site")
    {
        Description = "folder of a site on this machine, with the same passphrase as the station's",
    };

    private static readonly Option<DirectoryInfo?> Mail = new("--mail")
    {
        Description = "folder to be carried: Takes go out in it as files, answers come back in it",
    };

    public static Command Create()
    {
        var command = new Command(
            "program",
            "makes devices of provisioned chips; started again after a crash it goes on where it was"
            + "\n\nExample:\n  keywright station program --dir station --site site --device-type pump-a "
            + "--order orders/2026-1.cose --chips chips")
        {
            StationFolder.Dir, DeviceType, Order, Chip, Chips, Site, Mail,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Chip) is null == result.GetValue(Chips) is null)
            {
                result.AddError("Give either --chip or --chips.");
            }

            if (result.GetValue(Site) is null == result.GetValue(Mail) is null)
            {
                result.AddError("Give either --site or --mail.");
            }
        });
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new StationFolder(parsed.GetRequiredValue(StationFolder.Dir));
        if (Message.Parse<Order>(File.ReadAllBytes(parsed.GetRequiredValue(Order).FullName))
                .Refused(out var order, out var why)
            || folder.Open(session).Refused(out var station, out why))
        {
            return session.Refuse(why);
        }

        using (station)
        {
            if (parsed.GetValue(Mail) is { } mail)
            {
                return Run(parsed, session, station, order, new MailFolder(mail, station.Journal));
            }

            if (SiteInFolder.Open(parsed.GetValue(Site)!, session).Refused(out var site, out why))
            {
                return session.Refuse(why);
            }

            using (site)
            {
                return Run(parsed, session, station, order, site);
            }
        }
    }

    private static int Run(
        ParseResult parsed, Session session, EnrolledStation station, Unverified<Order> order, ISiteLink site)
    {
        var program = new ProgramChip(station.Journal, site, station.ProgrammingKey, session.Entropy);
        var line = new ProgrammingLine(
            program,
            station.Journal,
            parsed.GetRequiredValue(DeviceType),
            order.Digest,
            session.Entropy);
        try
        {
            return parsed.GetValue(Chip) is { } chip
                ? One(session, line.ProgramOne(chip.ToString()))
                : All(parsed.GetValue(Chips)!, session, station, order, line);
        }
        catch (AnswerAwaitedException awaited)
        {
            return session.Report(new JsonObject
            {
                ["take"] = awaited.Take,
                ["awaits"] = awaited.File,
            });
        }
    }

    private static int One(Session session, ChipFate fate) =>
        fate.Refusal is { } why ? session.Refuse(why) : session.Report(fate.ToJson());

    private static int All(
        DirectoryInfo chips,
        Session session,
        EnrolledStation station,
        Unverified<Order> order,
        ProgrammingLine line)
    {
        var folders = ChipFolder.Below(chips);
        var fates = WorkBar.Run(session, "programming", folders.Count, done => line.Run(folders, done));
        var failed = fates.Count(fate => fate.Refusal is not null);
        session.Report(new JsonObject
        {
            ["station"] = station.Journal.Station.Station,
            ["factory"] = station.Journal.Station.Factory,
            ["order"] = order.Claimed.Id,
            ["programmed"] = fates.Count(fate => fate.Turn is not null),
            ["failed"] = failed,
            ["passed over"] = fates.Count(fate => fate.PassedOver is not null),
            ["not tried"] = folders.Count - fates.Count,
            ["chips"] = new JsonArray([.. fates.Select(fate => fate.ToJson())]),
        });
        return failed == 0 ? Host.Done : Host.Refused;
    }
}
