namespace Keywright.Cli.Demo;

/// <summary>Key download: one security unit hands application keys to many.</summary>
internal static class KeyDownloadAct
{
    public static void Play(Stage stage, Actors actors, Props props)
    {
        stage.Act("Key download", "the SAM", "terminal, network", "one unit");
        actors.Do("sam init --dir sam --transport-key oem/transport.key");
        File.Delete("oem/transport.key");
        actors.Do($"sam create-key --dir sam --ref1 1 --ref2 1 --usage D0 --mode B --ceiling {props.ChipCount}");
        var units = Enumerable.Range(1, 3).Select(n => actors.Do($"device identify --chip {Props.Chip(n)}")["chip"]!.ToString());
        Props.Text("sam/units.txt", string.Join('\n', units));
        actors.Do("sam add-units --dir sam --list sam/units.txt");
        actors.Attack(
            "a terminal asks before an operator has allowed anything", "not-authorised", Export(actors, 1));
        actors.Do("sam authorise --dir sam --operator Ada --ref1 1");
        actors.Do("sam export --dir sam --in evil/1.request --out evil/1.import");
        actors.Do($"device import-key --chip {Props.Chip(1)} --in evil/1.import --out evil/1.ack");
        actors.Do("sam confirm --dir sam --in evil/1.ack");
        stage.Say("one unit has its key, under a key computed for this download alone; the SAM holds its acknowledgement");
        actors.Do("station publish-backup --directory directory --chip " + Props.Chip(1));
        actors.Do($"device challenge --chip {Props.Chip(1)} --ref1 1 --out evil/1b.request");
        actors.Attack(
            "a recorded key block is played again",
            "bad-key-block",
            $"device import-key --chip {Props.Chip(1)} --in evil/1.import --out evil/1b.ack");
        Export(actors, 2);
        actors.Attack(
            "a key block is redirected to another unit",
            "wrong-reference",
            $"device import-key --chip {Props.Chip(2)} --in evil/1.import --out evil/2.ack");
    }

    /// <summary>Draws a unit's challenge; gives the SAM's command to answer it.</summary>
    private static string Export(Actors actors, int unit)
    {
        actors.Do($"device challenge --chip {Props.Chip(unit)} --ref1 1 --out evil/{unit}.request");
        return $"sam export --dir sam --in evil/{unit}.request --out evil/{unit}.import";
    }
}
