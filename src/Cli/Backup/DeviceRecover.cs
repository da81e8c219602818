using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Cli.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.PublicDirectory.Backup;
using Keywright.Station.Backup;

namespace Keywright.Cli.Backup;

/// <summary>
/// <c>keywright device recover</c>: whoever holds a device that lost its flash gives it its keys and its
/// identity back, from public files alone.
/// </summary>
internal static class DeviceRecover
{
    private static readonly Option<DirectoryInfo> Folder = new Option<DirectoryInfo>("--directory")
    {
        Description = "the public files of the directory, or a mirror of them",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<FileInfo> Issuer = Other("--issuer", "the OEM's signed issuer");

    private static readonly Option<FileInfo> OrderKey = Other("--order-key", "the OEM's public order key");

    private static readonly Option<FileInfo> Entry = Other("--entry", "the entry to recover from");

    public static Command Create()
    {
        var command = new Command(
            "recover",
            "gives a device that lost its flash its keys and identity back; no site and no secret is needed; "
            + "the chip judges whatever it is given\n\nExample:\n"
            + "  keywright device recover --chip chips/001 --directory directory/public")
        {
            DeviceIdentify.Chip, Folder, Issuer, OrderKey, Entry,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        byte[]? Given(Option<FileInfo> option) =>
            parsed.GetValue(option) is { } file ? File.ReadAllBytes(file.FullName) : null;

        var place = parsed.GetRequiredValue(DeviceIdentify.Chip).ToString();
        using var files = DiskFiles.ForReading(parsed.GetRequiredValue(Folder).FullName);
        var others = new OtherFiles(Given(Entry), Given(Issuer), Given(OrderKey));
        var recover = new RecoverDevice(new FoundBackups(files, others));
        using (var chip = ChipFolder.Open(place, session.Entropy))
        {
            if (recover.Run(chip) is { } refused)
            {
                return session.Refuse(refused);
            }
        }

        // What the device says of itself counts from its next boot.
        using var rebooted = ChipFolder.Open(place, session.Entropy);
        return rebooted.Identify().Refused(out var facts, out var why)
            ? session.Refuse(why)
            : session.Report(Report(facts));
    }

    private static JsonObject Report(ChipFacts facts) => new()
    {
        ["chip"] = facts.ChipId.ToString(),
        ["lifecycle"] = facts.Stage,
        ["device identity"] = facts.DeviceIdentity?.ToString(),
        ["store in flash"] = facts.StoreNumber,
        ["store shown"] = facts.StoreShown,
        ["recovery needed"] = facts.RecoveryNeeded,
    };

    private static Option<FileInfo> Other(string name, string description) => new Option<FileInfo>(name)
    {
        Description = $"{description} (else the directory's)",
    }.AcceptExistingOnly();
}
