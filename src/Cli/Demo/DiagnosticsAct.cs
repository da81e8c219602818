namespace Keywright.Cli.Demo;

/// <summary>Diagnostics: what a crashed program leaves behind goes home to its owner alone.</summary>
internal static class DiagnosticsAct
{
    public static void Play(Stage stage, Actors actors, Props props)
    {
        stage.Act("Diagnostics", "the device", "any relay", "the owner of the program that crashed");
        props.Binary("radio-owner/radio.bin", 9_000);
        actors.Do("owner new-diagnostics-key --dir oem --out oem/diagnostics.pub");
        actors.Do("owner new-diagnostics-key --dir radio-owner --out radio-owner/diagnostics.pub");
        InstallWithKey(actors, "oem", "meter", "oem/app-2.bin");
        InstallWithKey(actors, "radio-owner", "radio", "radio-owner/radio.bin");
        stage.Say("programs of two owners stand on one device, each with its owner's key");

        CrashProgram.Run("evil/core");
        var chip = actors.Do($"device identify --chip {Props.Chip(1)}");
        actors.Do($"device dump --chip {Props.Chip(1)} --owner-key oem/module.pub --program meter --content evil/core "
            + "--kind core --trigger crash --out evil/meter.dump");
        File.Delete("evil/core");
        var open = $"--dump evil/meter.dump --chip-id {chip["chip"]} --identity evil/identity.pub";
        File.WriteAllBytes("evil/identity.pub", Convert.FromHexString(chip["identity key"]!.ToString()));
        var opened = actors.Do($"owner open-dump --dir oem {open} --out oem/dumps");
        stage.Say($"the core of a real crashed process came home whole: {opened["segments"]![0]!["size"]} bytes, ready for gdb");
        actors.Attack(
            "the other owner on the device tries to read it",
            "not-the-recipient",
            $"owner open-dump --dir radio-owner {open} --out radio-owner/dumps");
    }

    private static void InstallWithKey(Actors actors, string owner, string program, string file)
    {
        var module = $"{owner}/modules/{program}-1.module";
        actors.Do($"owner sign-module --dir {owner} --product {Props.Product} --sequence 3 --program-version 1.0 "
            + $"--program {program}={file} --diagnostics-key {owner}/diagnostics.pub --out {module}");
        actors.Do($"device install-module --chip {Props.Chip(1)} --module {module}");
    }
}
