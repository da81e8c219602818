using System.Text.Json.Nodes;

namespace Keywright.Cli.Demo;

/// <summary>Identity and backup: certified at the line, published, and taken back without asking anyone.</summary>
internal static class BackupAct
{
    public static void PlayFielding(Stage stage, Actors actors, Props props)
    {
        stage.Act("Identity and backup", "the chip", "public directory", "the same chip");
        actors.Do("directory init --dir directory --name directory.example/log");
        actors.Do($"oem issuer --dir oem --issuing-key site/issuing.pub --product {Props.Product} --log-key directory/log.vkey");
        actors.Do("directory admit --dir directory --issuer oem/issuer.cose --order-key oem/order.pub");
        actors.Do(
            "station field --dir station --site site --directory directory --issuer oem/issuer.cose "
            + "--order-key oem/order.pub --chips chips");
        var audit = actors.Do("directory audit --folder directory/public --log-key directory/log.vkey");
        stage.Say($"{props.ChipCount} certificates, {audit["size"] ?? audit["entries"]} backups in a log that anyone may audit");
    }

    public static void PlayRecovery(Stage stage, Actors actors, Props props)
    {
        stage.Act("Recovery, with the site switched off", "the chip", "public directory, shop", "the same chip");
        var chip = Props.Chip(props.ChipCount);
        var before = actors.Do($"device identify --chip {chip}");
        actors.Do($"device backup --chip {Props.Chip(1)} --out evil/stranger.entry");
        actors.Do($"device wipe-flash --chip {chip}");
        Directory.Move("site", "site-is-off");
        actors.Attack(
            "a stranger's backup is put into the wiped device",
            "foreign-backup",
            $"device recover --chip {chip} --directory directory/public --entry evil/stranger.entry");
        actors.Do($"device recover --chip {chip} --directory directory/public");
        Directory.Move("site-is-off", "site");
        var after = actors.Do($"device identify --chip {chip}");
        if (!JsonNode.DeepEquals(before, after))
        {
            throw new InvalidOperationException($"recovered {after.ToJsonString()} is not {before.ToJsonString()}");
        }

        stage.Say("keys and identity are back, exactly; nobody was asked");
    }
}
