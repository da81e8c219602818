using System.CommandLine;

namespace Keywright.Cli.CommandLine;

/// <summary>The parties, each a command whose subcommands are its deeds. The stories add theirs.</summary>
internal sealed class Parties
{
    public Command ChipMaker { get; } = new("chipmaker", "makes chip families, chips, and signs the provisioning program");

    public Command Oem { get; } = new("oem", "seals assets for a lot, signs orders, counts receipts");

    public Command Station { get; } = new("station", "programs chips and devices at the factory; carries, cannot open");

    public Command Site { get; } = new("site", "keeps the registry and the archive, grants deliveries, issues identities");

    public Command Device { get; } = new("device", "a chip with its flash: claims, installs, backs up, recovers, reports");

    public Command Directory { get; } = new("directory", "the public directory of backups: anyone may read and audit it");

    public Command Owner { get; } = new("owner", "signs modules and opens the dumps of its own programs");

    public Command Sam { get; } = new("sam", "hands application keys to many units");

    private IEnumerable<Command> All => [ChipMaker, Oem, Station, Site, Device, Directory, Owner, Sam];

    public void AddTo(RootCommand root)
    {
        root.Options.Add(Session.Json);
        root.Options.Add(Session.PassphraseFile);
        foreach (var party in All)
        {
            root.Subcommands.Add(party);
        }
    }
}
