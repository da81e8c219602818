using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Protocol;
using Keywright.Owner.Provisioning;
using Keywright.Protocol.Provisioning;

namespace Keywright.Cli.Provisioning;

/// <summary><c>keywright chipmaker init</c>: a new chip family.</summary>
internal static class ChipMakerInit
{
    /// <summary>The folder of every chip maker's command.</summary>
    public static readonly Option<DirectoryInfo> Dir = PartyFolder.Option("chip maker");

    private const int DefaultShares = 3;

    private static readonly Option<string> Family = new Option<string>("--family")
    {
        Description = "the family's name",
        Required = true,
    }.Must(ShortText.IsValid, "1 to 32 printable ASCII characters");

    private static readonly Option<int> Shares = new Option<int>("--shares")
    {
        Description = "how many secret shares its chips hold",
        DefaultValueFactory = _ => DefaultShares,
    }.Must(
        count => count is >= ChipFamily.MinShares and <= ChipFamily.MaxShares,
        $"{ChipFamily.MinShares} to {ChipFamily.MaxShares}");

    public static Command Create()
    {
        var command = new Command(
            "init",
            "creates a chip family: its secret shares and the key that signs programs and chip lists; a "
            + "family that is there stays as it is\n\nExample:\n"
            + "  keywright chipmaker init --dir chipmaker --family \"otter 1\"")
        {
            Dir, Family, Shares,
        };
        command.SetAction(parsed => Run(parsed, new Session(parsed)));
        return command;
    }

    private static int Run(ParseResult parsed, Session session)
    {
        var folder = new PartyFolder(parsed.GetRequiredValue(Dir));
        if (ChipMakerKeys.OpenOrMake(
            folder, session, parsed.GetRequiredValue(Family), parsed.GetRequiredValue(Shares))
            .Refused(out var keys, out var why))
        {
            return session.Refuse(why);
        }

        using (keys)
        {
            PublicFile.Write(folder.PathTo(FileNames.ChipMakerKey), keys.Key.Public.Bytes);
            return session.Report(new JsonObject
            {
                ["family"] = keys.Family.Name,
                ["shares"] = keys.Family.ShareCount,
                ["key"] = keys.Key.Public.Id.ToString(),
                ["key file"] = folder.PathTo(FileNames.Keys),
                ["public key"] = folder.PathTo(FileNames.ChipMakerKey),
            });
        }
    }
}
