using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Keywright.Bench;

/// <summary>
/// `./keywright bench lot`: lots of 10, 100, … chips through the commands that people run, on durable soft chips: made, provisioned,
/// counted. Shows what a chip costs, in time of the clock and of the processor, and that it does not grow with the lot.
/// </summary>
internal sealed class LotCommand(string folder, int sockets)
{
    private const string Passphrase = "a passphrase of the benchmark";
    private const int AssetBytes = 64 << 10;

    private static readonly Option<string> Sizes = new("--sizes")
    {
        Description = "How many chips, lot by lot.",
        DefaultValueFactory = _ => "10,100,1000,10000",
    };

    private static readonly Option<int> Sockets = new("--sockets")
    {
        Description = "How many chips are provisioned at the same time.",
        DefaultValueFactory = _ => 16,
    };

    private static readonly Option<DirectoryInfo> Folder = new("--folder")
    {
        Description = "Where the chips are: on a disk, since every chip waits for it. Must not be there; stays.",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command("lot", "Makes, provisions and counts lots of durable soft chips.") { Sizes, Sockets, Folder };
        command.SetAction(parsed => new LotCommand(parsed.GetRequiredValue(Folder).FullName, parsed.GetValue(Sockets))
            .Run([.. parsed.GetValue(Sizes)!.Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture))]));
        return command;
    }

    private void Run(int[] sizes)
    {
        Prepare(sizes);
        Console.WriteLine("| chips | made, chips/s | processor, ms a chip | provisioned, chips/s | processor, ms a chip "
            + "| counted, receipts/s | processor, ms a receipt |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        for (var lot = 0; lot < sizes.Length; lot++)
        {
            var cells = new[] { Fabricate(lot, sizes[lot]), Provision(lot, sizes[lot]), Count(lot) }
                .SelectMany(cost => cost.Cells(sizes[lot]));
            Console.WriteLine($"| {sizes[lot].ToString("N0", CultureInfo.InvariantCulture)} | {string.Join(" | ", cells)} |");
        }
    }

    private void Prepare(int[] sizes)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "main.bin"), new byte[AssetBytes]);
        File.WriteAllText(
            Path.Combine(folder, "assets.json"),
            new JsonArray(
                new JsonObject { ["ref"] = 1, ["kind"] = "seed", ["hex"] = new string('7', 64) },
                new JsonObject { ["ref"] = 2, ["kind"] = "generated", ["generate"] = 32 },
                new JsonObject { ["ref"] = 3, ["kind"] = "program", ["file"] = "main.bin" }).ToJsonString());
        Keywright("chipmaker init --dir chipmaker --family bench");
        Keywright("chipmaker sign-program --dir chipmaker");
        Keywright("chipmaker fabricate --dir chipmaker --lot 999 --count 1 --chips own");
        Keywright("oem init --dir oem");
        Keywright("oem seal --dir oem --name p --chip own/001 --assets assets.json --program chipmaker/program.cose "
            + "--chip-maker-key chipmaker/chipmaker.pub");
        for (var lot = 0; lot < sizes.Length; lot++)
        {
            Keywright($"oem order --dir oem --id {lot} --product p --factory f --lots {lot} --quota {sizes[lot]} --package p");
        }
    }

    private Cost Fabricate(int lot, int count) =>
        Keywright($"chipmaker fabricate --dir chipmaker --lot {lot} --count {count} --chips chips-{lot}");

    private Cost Provision(int lot, int count) => Keywright(
        $"station-tool provision --dir station --order oem/orders/{lot}.cose --package oem/packages/p.package "
        + $"--unlock oem/packages/p.unlock --order-key oem/order.pub --program chipmaker/program.cose "
        + $"--chip-maker-key chipmaker/chipmaker.pub --chips chips-{lot} --sockets {Math.Min(sockets, count)} "
        + $"--receipts receipts-{lot}");

    private Cost Count(int lot) => Keywright(
        $"oem count --dir oem --order {lot} --lists chipmaker/lots --receipts receipts-{lot} "
        + "--chip-maker-key chipmaker/chipmaker.pub");

    private Cost Keywright(string arguments)
    {
        var start = new ProcessStartInfo(Checkout.PathTo("keywright"), arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KEYWRIGHT_PASSPHRASE"] = Passphrase;
        var before = ProcessorOfChildren();
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? new Cost(clock.Elapsed, ProcessorOfChildren() - before)
            : throw new InvalidOperationException($"{arguments}: {errors}");
    }

    // Linux counts what ended processes have used (proc(5): cutime, cstime, in hundredths of a second).
    private static TimeSpan ProcessorOfChildren()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(
            10 * (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)));
    }

    private readonly record struct Cost(TimeSpan Clock, TimeSpan Processor)
    {
        public IEnumerable<string> Cells(int count) =>
        [
            (count / Clock.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture),
            (Processor.TotalMilliseconds / count).ToString("N2", CultureInfo.InvariantCulture),
        ];
    }
}
