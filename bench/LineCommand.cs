using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Keywright.Protocol;
using Keywright.Station.Provisioning;

namespace Keywright.Bench;

/// <summary>
/// `./keywright bench line`: the station's own code, its journal on disk and real chips in software, with the times of real parts
/// slept through: moving boards, the wire, erasing, programming, arithmetic of a small core. Shows what bounds a line of 16 sockets.
/// </summary>
internal static class LineCommand
{
    private const int ProgramBytes = 64 << 10;
    private const double HoursOfAShift = 8;

    private static readonly Option<int> Sockets = new("--sockets") { DefaultValueFactory = _ => 16, Description = "Sockets of the line." };

    private static readonly Option<int> Boards = new("--boards")
    {
        DefaultValueFactory = _ => 4,
        Description = "Boards that each socket sees, one after the other.",
    };

    private static readonly Option<DirectoryInfo> Folder = new("--folder")
    {
        Description = "Where the station's journals are written; on a disk.",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command("line", "Runs a station's line with the times of real parts slept through.") { Sockets, Boards, Folder };
        command.SetAction(parsed => Run(
            parsed.GetValue(Sockets), parsed.GetValue(Boards), parsed.GetRequiredValue(Folder).FullName));
        return command;
    }

    private static void Run(int sockets, int boards, string folder)
    {
        Directory.CreateDirectory(folder);
        var world = new LotWorld(ProgramBytes);
        Console.WriteLine("| part and line | a chip spends, s: board + wire + flash + arithmetic | chips an hour | in a shift of 8 h "
            + "| station's processor, of one core |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var (part, number) in SlowPart.All.Select((part, number) => (part, number)))
        {
            Console.WriteLine(Line(world, part, sockets, boards, Path.Combine(folder, $"line-{number}.journal")));
        }
    }

    private static string Line(LotWorld world, SlowPart part, int sockets, int boards, string path)
    {
        var spent = new TimesSpent();
        var hands = new SemaphoreSlim(part.BoardsAtOnce);
        var chips = Enumerable.Range(0, sockets * boards)
            .Select(number => new ChipSocket($"{number}", () => part.Place(world.Blank(), hands, spent)))
            .ToList();
        using var journal = LotJournal.Open(path, world.Order.Digest, resume: false);
        var processor = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var results = new ProvisionLot(world.Files, journal).Run(
            chips, new LotRun { Sockets = sockets, Begun = _ => { }, Ended = _ => { } });
        clock.Stop();
        var used = (Environment.CpuUsage.TotalTime - processor) / clock.Elapsed;
        if (results.Any(result => result.Fate != ChipFate.Provisioned))
        {
            throw new InvalidOperationException("a chip of the line was not provisioned");
        }

        var anHour = chips.Count / clock.Elapsed.TotalHours;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {part.Name} | {spent.Of(chips.Count)} | {anHour:N0} | {anHour * HoursOfAShift:N0} | {used:P0} |");
    }
}
