using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Protocol.Commands;

namespace Keywright.Cli.Provisioning;

/// <summary><c>keywright device identify</c>: what anybody may know about a chip.</summary>
internal static class DeviceIdentify
{
    /// <summary>The soft chip of every device's command here.</summary>
    public static readonly Option<DirectoryInfo> Chip = new Option<DirectoryInfo>("--chip")
    {
        Description = "the folder of the soft chip",
        Required = true,
    }.AcceptExistingOnly();

    public static Command Create()
    {
        var command = new Command(
            "identify",
            "what a chip says of itself: unsigned, a hint for people and tools, no evidence\n\nExample:\n"
            + "  keywright device identify --chip chips/001")
        {
            Chip,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    /// <summary>The chip of this command line as it is now; also the report of deeds that change it.</summary>
    public static int Run(ParseResult parsed, Session session)
    {
        using var chip = ChipFolder.Open(parsed.GetRequiredValue(Chip).FullName, session.Entropy);
        return chip.Identify().Refused(out var facts, out var why)
            ? session.Refuse(why)
            : session.Report(Report(facts));
    }

    private static JsonObject Report(ChipFacts facts) => new()
    {
        ["chip"] = facts.ChipId.ToString(),
        ["family"] = facts.Family,
        ["lot"] = facts.Lot,
        ["lifecycle"] = facts.Stage,
        ["owner"] = facts.Owner?.ToString(),
        ["device identity"] = facts.DeviceIdentity?.ToString(),
        ["identity key"] = Convert.ToHexStringLower(facts.Identity.Bytes),
        ["kem key"] = Convert.ToHexStringLower(facts.Kem.Bytes),
        ["store issued"] = facts.StoreIssued,
        ["store shown"] = facts.StoreShown,
        ["store in flash"] = facts.RecoveryNeeded ? null : facts.StoreNumber,
        ["recovery needed"] = facts.RecoveryNeeded,
    };
}
