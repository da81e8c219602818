namespace Keywright.Cli.Demo;

/// <summary>Provisioning: chips unlock their OEM's assets in a factory that nobody trusts.</summary>
internal static class ProvisioningAct
{
    private const string MakerFiles = "--program chipmaker/program.cose --chip-maker-key chipmaker/chipmaker.pub";

    public static void Play(Stage stage, Actors actors, Props props)
    {
        stage.Act("Provisioning", "the OEM, inside a chip of its own", "factory and station", "every chip of the lot");
        Fabricate(stage, actors, props);
        Seal(stage, actors, props);
        Provision(stage, actors, props);
        Name(stage, actors);
        Attack(stage, actors);
    }

    private static void Fabricate(Stage stage, Actors actors, Props props)
    {
        actors.Do("chipmaker init --dir chipmaker --family otter");
        actors.Do("chipmaker sign-program --dir chipmaker");
        actors.Do($"chipmaker fabricate --dir chipmaker --lot 1 --count {props.ChipCount} --chips chips");
        actors.Do("chipmaker fabricate --dir chipmaker --lot 2 --count 2 --chips others");
        actors.Do("chipmaker fabricate --dir chipmaker --lot 3 --count 1 --chips overrun");
        stage.Say($"{props.ChipCount} chips of lot 1; each made its secret key inside, and keeps it");
    }

    private static void Seal(Stage stage, Actors actors, Props props)
    {
        actors.Do("oem init --dir oem");
        actors.Do("owner init --dir radio-owner");
        props.Binary("oem/calibration.bin", 6000);
        Props.Text("oem/device.conf", "region = eu\nlog = none\n");
        Props.Text("oem/transport.hex", props.Hex(16));
        File.WriteAllBytes("oem/transport.key", Convert.FromHexString(File.ReadAllText("oem/transport.hex")));
        Props.Text("oem/assets.json", $$"""
            [
              { "ref": 1, "kind": "key", "hex": "{{props.Hex(32)}}" },
              { "ref": 2, "kind": "key", "hex": "{{File.ReadAllText("oem/transport.hex")}}", "storage": "transport-key" },
              { "ref": 3, "kind": "seed", "hex": "{{props.Hex(32)}}" },
              { "ref": 4, "kind": "generated", "generate": 32 },
              { "ref": 5, "kind": "owner", "file": "module.pub" },
              { "ref": 6, "kind": "owner", "file": "../radio-owner/module.pub" },
              { "ref": 7, "kind": "certificate", "file": "order.pub" },
              { "ref": 8, "kind": "program", "file": "calibration.bin" },
              { "ref": 9, "kind": "configuration", "file": "device.conf" }
            ]
            """);
        var sealing = actors.Do($"oem seal --dir oem --name kettle-1 --chip others/001 --assets oem/assets.json {MakerFiles}");
        actors.Do($"oem seal --dir oem --name kettle-0 --chip others/001 --assets oem/assets.json {MakerFiles}");
        actors.Do($"oem seal --dir oem --name kettle-named --mode chip --chip others/001 --assets oem/assets.json {MakerFiles}");
        File.Delete("oem/assets.json");
        File.Delete("oem/transport.hex");
        actors.Do($"oem order --dir oem --id {Props.Order} --product {Props.Product} --factory north --lots 1,3 "
            + $"--quota {props.ChipCount} --package kettle-1");
        stage.Say($"nine assets sealed in a chip, D = {sealing["package"]?.ToString()[..16]}…; the order is signed over D");
    }

    private static void Provision(Stage stage, Actors actors, Props props)
    {
        var line = "station provision --dir station --order oem/orders/2026-1.cose --package oem/packages/kettle-1.package "
            + $"--order-key oem/order.pub {MakerFiles} --chips chips";
        var before = props.ChipCount * 2 / 5;
        actors.Do($"{line} --limit {before}");
        stage.Say($"the station stopped after {before} chips; its journal knows where");
        actors.Do($"{line} --resume --sockets 4 --events station/2026-1.events.jsonl");
        actors.Do("station report --dir station --order oem/orders/2026-1.cose --out station/2026-1.account.json "
            + "--html station/2026-1.html");
        var count = actors.Do($"oem count --dir oem --order {Props.Order} --lists chipmaker/lots "
            + "--receipts station/receipts/2026-1 --chip-maker-key chipmaker/chipmaker.pub "
            + "--account station/2026-1.account.json --html oem/2026-1.html");
        stage.Say($"receipts counted: {count["provisioned"]} of {count["quota"]} ordered, offline all the way; "
            + "oem/2026-1.html shows it");
    }

    /// <summary>A package that only two chips can open, sealed before these were made.</summary>
    private static void Name(Stage stage, Actors actors)
    {
        actors.Do("chipmaker fabricate --dir chipmaker --lot 4 --count 2 --chips named");
        actors.Do($"oem order --dir oem --id 2026-named --product {Props.Product} --factory north --lots 4 "
            + "--quota 2 --package kettle-named");
        actors.Do("oem unlock --dir oem --package kettle-named --chip-list chipmaker/lots/4.list.cose "
            + $"--chip others/001 {MakerFiles}");
        var other = actors.Do("device identify --chip named/002")["chip"];
        actors.Attack(
            "a chip is given the unlock of another one",
            "unlock-mismatch",
            "device provision --chip named/001 --order oem/orders/2026-named.cose --order-key oem/order.pub "
            + "--program chipmaker/program.cose --package oem/packages/kettle-named.package "
            + $"--unlock oem/packages/kettle-named.unlocks/{other}.unlock");
        actors.Do("station provision --dir station --order oem/orders/2026-named.cose "
            + $"--package oem/packages/kettle-named.package --order-key oem/order.pub {MakerFiles} --chips named");
        stage.Say("two chips opened what was sealed to them by name; the shares of any other chip do not open it");
    }

    private static void Attack(Stage stage, Actors actors)
    {
        const string Line = "device provision --chip others/002 --order oem/orders/2026-1.cose --order-key oem/order.pub "
            + "--unlock oem/packages/kettle-1.unlock ";
        Props.Changed("chipmaker/program.cose", "evil/program.cose", where: 0.99);
        Props.Changed("oem/packages/kettle-1.package", "evil/kettle-1.package");
        actors.Attack(
            "one bit of the provisioning program is changed",
            "bad-signature",
            $"{Line} --program evil/program.cose --package oem/packages/kettle-1.package");
        actors.Attack(
            "one bit of the sealed package is changed",
            "damaged-package",
            $"{Line.Replace("others/002", "overrun/001")} --program chipmaker/program.cose --package evil/kettle-1.package");
        actors.Attack(
            "a package of the same OEM is attached to an order that does not list it",
            "foreign-package",
            "station provision --dir station --journal evil/a.journal --order oem/orders/2026-1.cose "
            + $"--package oem/packages/kettle-0.package --order-key oem/order.pub {MakerFiles} --chip others/002");
        actors.Attack(
            "a chip of a lot that was not ordered is slipped in",
            "wrong-lot",
            $"{Line} --program chipmaker/program.cose --package oem/packages/kettle-1.package");
        actors.Attack(
            "a provisioned chip is provisioned once more",
            "already-provisioned",
            $"{Line.Replace("others/002", Props.Chip(1))} --program chipmaker/program.cose "
            + "--package oem/packages/kettle-1.package");
        actors.Do($"{Line.Replace("others/002", "overrun/001")} --program chipmaker/program.cose "
            + "--package oem/packages/kettle-1.package");
        stage.Say("the factory held every file and could open none; it made one chip more than ordered and kept its receipt");
    }
}
