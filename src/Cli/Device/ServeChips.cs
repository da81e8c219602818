using System.CommandLine;
using Keywright.Chips;

namespace Keywright.Cli.Device;

/// <summary>
/// <c>keywright chip-host</c>: serves soft chips, each on the socket in its folder, until its input ends. It
/// stands where a production line has real chips, so it is not among the parties' commands.
/// </summary>
internal static class ServeChips
{
    /// <summary>The socket's name in a chip's folder.</summary>
    public const string SocketName = "socket";

    private static readonly Argument<DirectoryInfo[]> Folders = new("folder")
    {
        Description = "the folder of a soft chip",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create()
    {
        var command = new Command(
            "chip-host", "serves soft chips on sockets until its input ends") { Folders };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetValue(Folders)!, new Session(parsed)));
        return command;
    }

    private static int Run(DirectoryInfo[] folders, Session session)
    {
        using var stop = new CancellationTokenSource();
        using var ready = new CountdownEvent(folders.Length);
        var hosts = folders.Select(folder => Task.Factory.StartNew(
            () => Serve(folder.FullName, session, ready, stop.Token),
            TaskCreationOptions.LongRunning)).ToArray();
        while (!ready.Wait(TimeSpan.FromMilliseconds(20)))
        {
            if (Array.Exists(hosts, host => host.IsFaulted))
            {
                break;
            }
        }

        if (ready.IsSet)
        {
            Console.Out.WriteLine($"{folders.Length} chips ready");
            Console.In.ReadToEnd();
        }

        stop.Cancel();
        Task.WhenAll(hosts).GetAwaiter().GetResult();
        return Host.Done;
    }

    private static void Serve(string folder, Session session, CountdownEvent ready, CancellationToken stop)
    {
        using var chip = SoftChip.Open(folder, session.Entropy);
        new ChipHost(chip, Path.Combine(folder, SocketName)).Serve(stop, () => ready.Signal());
    }
}
