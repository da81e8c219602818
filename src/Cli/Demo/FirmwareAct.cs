namespace Keywright.Cli.Demo;

/// <summary>Firmware: first programming at the line, then deliveries that one device alone can open.</summary>
internal static class FirmwareAct
{
    public static void PlayFirstProgramming(Stage stage, Actors actors, Props props)
    {
        stage.Act("First programming", "the site, to one Take of one station", "network", "the station, in memory, for one chip");
        Props.Example("bootloader.hex", "site/in/bootloader.hex");
        Props.Example("zones.json", "site/in/zones.json");
        Props.Text(
            "site/in/ids.txt",
            string.Join('\n', Enumerable.Range(1, props.ChipCount).Select(n => $"{Props.Serial(n)},02-00-00-{n:X6}")));
        actors.Do("site init --dir site");
        actors.Do("station init --dir station");
        actors.Do("site enrol-station --dir site --name line-1 --factory north --station-key station/station.pub "
            + "--out station/line-1.enrolment");
        actors.Do("station enrol --dir station --enrolment station/line-1.enrolment --programming-key site/programming.pub");
        actors.Do("site import-chips --dir site --order oem/orders/2026-1.cose --counted oem/orders/2026-1.chips.cose "
            + "--order-key oem/order.pub");
        actors.Do($"site add-ids --dir site --product {Props.Product} --list site/in/ids.txt");
        actors.Do($"site add-bootloader --dir site --product {Props.Product} --device-type {Props.DeviceType} --version 1.0 "
            + "--sequence 1 --image site/in/bootloader.hex --plan site/in/zones.json");
        var line = $"station program --dir station --site site --device-type {Props.DeviceType} --order oem/orders/2026-1.cose";
        props.Emulator(Props.Chip(1), "evil/emulator");
        actors.Attack(
            "something on the line plays a chip that was counted, to get its key and program",
            "not-the-recipient",
            $"{line} --chip evil/emulator");
        actors.Do($"{line} --chips chips");
        stage.Say($"{props.ChipCount} devices have an ID, a key of their own and a bootloader patched with both");
        actors.Attack("the chip that nobody counted asks to become a device", "unknown-chip", $"{line} --chip overrun/001");
    }

    public static void PlayDelivery(Stage stage, Actors actors, Props props)
    {
        stage.Act("Firmware delivery", "the site", "any network or medium", "one device");
        props.Binary("oem/app-1.bin", 24_000);
        props.Binary("oem/app-2.bin", 24_000);
        foreach (var sequence in (int[])[1, 2])
        {
            actors.Do($"owner sign-module --dir oem --product {Props.Product} --sequence {sequence} --program-version 1.{sequence} "
                + $"--program app=oem/app-{sequence}.bin --out oem/modules/app-{sequence}.module");
        }

        actors.Do($"site set-terms --dir site --product {Props.Product} --require once version-order");
        actors.Do("site add-software --dir site --module oem/modules/app-1.module --owner-key oem/module.pub");
        var clone = Props.Chip(3);
        Props.CopyFolder(clone, "evil/clone");
        actors.Do("device update --chips chips --site site");
        stage.Say($"{props.ChipCount} deliveries, each sealed to one device, each spent by that device's signed word");
        AttackDeliveries(stage, actors);
    }

    private static void AttackDeliveries(Stage stage, Actors actors)
    {
        actors.Do("device claim --chip evil/clone --out evil/clone.claim");
        actors.AttackSite(
            "a cloned device claims beside its original", "fork", "site answer-claim --dir site --claim evil/clone.claim --out evil/clone.answer");

        var manifest = UpdateByHand(actors, Props.Chip(2));
        actors.AttackSite(
            "a recorded claim is played again",
            "second-delivery",
            "site answer-claim --dir site --claim evil/by-hand.claim --out evil/again.answer");
        actors.Do($"device claim --chip {Props.Chip(2)} --manifest {manifest} --out evil/wants.claim");
        actors.Do("site answer-claim --dir site --claim evil/wants.claim --out evil/wants.answer");
        actors.Attack(
            "software that this device has had is asked for by name",
            "second-delivery",
            $"device install --chip {Props.Chip(2)} --grant evil/wants.answer --out evil/wants.done");

        Props.Replaced("evil/by-hand.claim", "evil/stranger.claim", Props.Serial(2), "KT-900002");
        actors.AttackSite(
            "a device that this site never made asks for software",
            "unknown-id",
            "site answer-claim --dir site --claim evil/stranger.claim --out evil/stranger.answer");
        Props.Changed("evil/by-hand.claim", "evil/forged.claim", where: 0.99);
        actors.AttackSite(
            "somebody who knows an ID, but not the device's key, tries to spend its delivery",
            "bad-signature",
            "site answer-claim --dir site --claim evil/forged.claim --out evil/forged.answer");
        actors.Attack(
            "an older, genuine module is brought by hand",
            "rollback",
            $"device install-module --chip {Props.Chip(2)} --module oem/modules/app-1.module");
    }

    /// <summary>The second version reaches one device by files that anybody may carry; gives its manifest.</summary>
    private static string UpdateByHand(Actors actors, string chip)
    {
        var added = actors.Do("site add-software --dir site --module oem/modules/app-2.module --owner-key oem/module.pub");
        actors.Do($"device claim --chip {chip} --out evil/by-hand.claim");
        actors.Do("site answer-claim --dir site --claim evil/by-hand.claim --out evil/by-hand.answer");
        actors.Do($"device install --chip {chip} --grant evil/by-hand.answer --out evil/by-hand.done");
        actors.Do("site take-done --dir site --done evil/by-hand.done");
        actors.Do($"device boot-ok --chip {chip}");
        return added["manifest"]!.ToString();
    }
}
