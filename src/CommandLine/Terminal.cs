using Spectre.Console;

namespace Keywright.CommandLine;

/// <summary>Colours and line lengths for people at a terminal; plain text for files, pipes and other programs.</summary>
public static class Terminal
{
    private const int PlainWidth = 120;

    /// <summary>Whether somebody watches what is written here.</summary>
    public static bool IsWatched(TextWriter writer) =>
        (ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected)
        || (ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected);

    /// <summary>A console that writes here.</summary>
    public static IAnsiConsole Over(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        if (IsWatched(writer))
        {
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = output });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output,
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = PlainWidth;
        return console;
    }
}
