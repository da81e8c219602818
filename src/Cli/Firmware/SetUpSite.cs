using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Cli.Folders;
using Keywright.Keystores.Software;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>
/// What makes a site, and stations of tools at factories: init, enrol-station, revoke-station.
/// </summary>
internal static class SetUpSite
{
    private static readonly Option<string> Name = SiteCommand.Required<string>(
        "--name", "the station's name, which is never given to another one");

    private static readonly Option<string> Factory = SiteCommand.Required<string>(
        "--factory", "where the station stands, as in the orders for that factory");

    private static readonly Option<FileInfo> StationKey = SiteCommand.Existing(
        "--station-key", "station.pub from the station's folder, brought by a way that can be trusted");

    private static readonly Option<FileInfo> Out = SiteCommand.Required<FileInfo>(
        "--out", "where to write the enrolment; no one but the station can open it");

    public static Command Init()
    {
        var command = new Command(
            "init",
            "makes a site: its keys, its database, its public keys; what is there stays as it is"
            + "\n\nExample:\n  keywright site init --dir site")
        {
            SiteFolder.Dir,
        };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            var folder = new PartyFolder(parsed.GetRequiredValue(SiteFolder.Dir));
            if (SiteFolder.Create(folder, session).Refused(out var keys, out var why))
            {
                return session.Refuse(why);
            }

            using (keys)
            {
                return session.Report(new JsonObject
                {
                    ["programming key"] = folder.PathTo(FileNames.ProgrammingKey),
                    ["issuing key"] = folder.PathTo(FileNames.IssuingKey),
                    ["database"] = folder.PathTo(FileNames.SiteDatabase),
                    ["key file"] = folder.PathTo(FileNames.Keys),
                });
            }
        });
        return command;
    }

    public static Command Enrol() => SiteCommand.WithKeys(
        "enrol-station",
        "makes a tool at a factory a station; the same station again gets the same enrolment\n\nExample:\n"
        + "  keywright site enrol-station --dir site --name S1 --factory north --station-key station.pub "
        + "--out S1.enrolment",
        [Name, Factory, StationKey, Out],
        (site, keys, parsed, session) =>
        {
            var (name, factory) = (parsed.GetRequiredValue(Name), parsed.GetRequiredValue(Factory));
            var keyFile = parsed.GetRequiredValue(StationKey);
            if (HpkePublicKey.Parse(File.ReadAllBytes(keyFile.FullName))
                .Refused(out var stationKey, out var why))
            {
                return why with { Detail = $"{keyFile}: {why.Detail}" };
            }

            var enrol = new EnrolStation(
                site.Stations,
                new SoftwareRecordSealer(keys.Master, session.Entropy),
                keys.Programming,
                SiteEpoch.First,
                session.Entropy,
                session.Clock);
            if (enrol.Enrol(name, factory, stationKey).Refused(out var enrolment, out why))
            {
                return why;
            }

            PublicFile.Write(parsed.GetRequiredValue(Out).ToString(), enrolment);
            return new JsonObject
            {
                ["station"] = name,
                ["factory"] = factory,
                ["key"] = stationKey.Id.ToString(),
                ["enrolment"] = parsed.GetRequiredValue(Out).ToString(),
            };
        });

    public static Command Revoke() => SiteCommand.Create(
        "revoke-station",
        "closes a station for ever; devices that it made stay what they are\n\nExample:\n"
        + "  keywright site revoke-station --dir site --name S1",
        [Name],
        (site, parsed, session) =>
        {
            var name = parsed.GetRequiredValue(Name);
            if (new RevokeStation(site.Stations, session.Clock).Revoke(name) is { } why)
            {
                return why;
            }

            var station = site.Stations.Find(name)!;
            return new JsonObject
            {
                ["station"] = name,
                ["factory"] = station.Factory,
                ["revoked"] = SiteCommand.Time(station.RevokedAt),
                ["turns used"] = station.NextTurn,
            };
        });
}
