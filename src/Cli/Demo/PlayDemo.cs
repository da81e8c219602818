using System.CommandLine;
using Spectre.Console;

namespace Keywright.Cli.Demo;

/// <summary><c>keywright demo</c>: the life of a lot of chips, from the wafer to the field and back, with attacks.</summary>
internal static class PlayDemo
{
    private const string Passphrase = "demo";

    private static readonly Option<DirectoryInfo> Folder = new("--dir")
    {
        Description = "where the parties get their folders",
        DefaultValueFactory = _ => new DirectoryInfo("keywright-demo"),
    };

    private static readonly Option<int> Count = new Option<int>("--chips")
    {
        Description = "how many chips",
        DefaultValueFactory = _ => 100,
    }.Must(count => count is >= 4 and <= 900, "between 4 and 900");

    public static Command Create(RootCommand root)
    {
        var command = new Command(
            "demo",
            "plays the whole story in one terminal and leaves a folder to look at\n\nExample:\n  keywright demo")
        {
            Folder, Count,
        };
        command.SetAction(parsed => Play(root, parsed, new Session(parsed)));
        return command;
    }

    private static int Play(RootCommand root, ParseResult parsed, Session session)
    {
        var folder = parsed.GetRequiredValue(Folder);
        if (folder.FullName.TrimEnd(Path.DirectorySeparatorChar) == Environment.CurrentDirectory)
        {
            throw new IOException("A demo makes its folder anew, and you stand in it: take another with --dir.");
        }

        Clear(folder);
        var console = Terminal.Over(session.AsJson ? session.Error : session.Out);
        var stage = new Stage(session.Clock, console);
        var props = new Props(parsed.GetRequiredValue(Count), session.Entropy);

        var from = Environment.CurrentDirectory;
        var passphrase = Environment.GetEnvironmentVariable("KEYWRIGHT_PASSPHRASE");
        Environment.CurrentDirectory = folder.FullName;
        Environment.SetEnvironmentVariable("KEYWRIGHT_PASSPHRASE", Passphrase);
        try
        {
            var actors = new Actors(root, stage, session.Error);
            ProvisioningAct.Play(stage, actors, props);
            FirmwareAct.PlayFirstProgramming(stage, actors, props);
            BackupAct.PlayFielding(stage, actors, props);
            FirmwareAct.PlayDelivery(stage, actors, props);
            DiagnosticsAct.Play(stage, actors, props);
            KeyDownloadAct.Play(stage, actors, props);
            BackupAct.PlayRecovery(stage, actors, props);
        }
        finally
        {
            Environment.CurrentDirectory = from;
            Environment.SetEnvironmentVariable("KEYWRIGHT_PASSPHRASE", passphrase);
        }

        console.WriteLine();
        console.Write(new Rule("what happened").LeftJustified());
        session.Report(stage.Summary());
        console.MarkupLineInterpolated($"[grey]The parties' folders are in {folder}, with every command line in commands.txt.[/]");
        console.MarkupLineInterpolated($"[grey]To look further: export KEYWRIGHT_PASSPHRASE={Passphrase}[/]");
        return Host.Done;
    }

    /// <summary>A demo's folder is made anew; a folder that is no demo's is never touched.</summary>
    private static void Clear(DirectoryInfo folder)
    {
        var mark = Path.Combine(folder.FullName, Props.Mark);
        if (folder.Exists && folder.EnumerateFileSystemInfos().Any() && !File.Exists(mark))
        {
            throw new IOException($"{folder} is there and was not made by a demo: take another folder with --dir.");
        }

        if (folder.Exists)
        {
            folder.Delete(recursive: true);
        }

        folder.Create();
        File.WriteAllText(mark, "Made by 'keywright demo', which deletes it with the whole folder when it plays again.\n");
    }
}
