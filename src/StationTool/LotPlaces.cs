using System.CommandLine;
using Keywright.Chips;
using Keywright.CommandLine;
using Keywright.Station.Provisioning;

namespace Keywright.StationTool;

/// <summary>Where the chips of a run are, and the serials that a reader reads from their boards.</summary>
internal static class LotPlaces
{
    private const string StandardInput = "-";
    private const int DefaultPatienceSeconds = 120;
    private const int MaxPatienceSeconds = 86400;

    private static readonly Option<DirectoryInfo> Chips = new Option<DirectoryInfo>("--chips")
    {
        Description = "folder of soft chips: every chip below it",
    }.AcceptExistingOnly();

    private static readonly Option<DirectoryInfo[]> Chip = new Option<DirectoryInfo[]>("--chip")
    {
        Description = "folder of one soft chip",
    }.AcceptExistingOnly();

    private static readonly Argument<string[]> Endpoints = new("socket")
    {
        Description = "where a chip answers; one for each chip",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<int> Patience = new Option<int>("--patience")
    {
        Description = "seconds of silence after which the chip in a socket is lost",
        DefaultValueFactory = _ => DefaultPatienceSeconds,
    }.Must(seconds => seconds is > 0 and <= MaxPatienceSeconds, $"1 to {MaxPatienceSeconds}");

    private static readonly Option<string?> Serials = new("--serials")
    {
        Description = "where a reader types one serial a line, a line for each chip in turn; - for the standard input",
    };

    public static void AddTo(Command command)
    {
        command.Options.Add(Chips);
        command.Options.Add(Chip);
        command.Arguments.Add(Endpoints);
        command.Options.Add(Patience);
        command.Options.Add(Serials);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Chips) is null && result.GetResult(Chip) is null
                && result.GetResult(Endpoints) is null or { Tokens.Count: 0 })
            {
                result.AddError("Which chips? --chips FOLDER, --chip FOLDER, or sockets.");
            }
        });
    }

    public static IReadOnlyList<ChipSocket> Of(ParseResult parsed, Session session)
    {
        var folders = (parsed.GetValue(Chip) ?? []).Select(chip => chip.ToString());
        if (parsed.GetValue(Chips) is { } all)
        {
            folders = folders.Concat(ChipFolder.Below(all));
        }

        var patience = TimeSpan.FromSeconds(parsed.GetValue(Patience));
        return
        [
            .. folders.Select(path => new ChipSocket(path, () => ChipFolder.Open(path, session.Entropy))),
            .. (parsed.GetValue(Endpoints) ?? []).Select(
                path => new ChipSocket(path, () => SocketChip.Connect(path, patience))),
        ];
    }

    /// <summary>Whether somebody is asked for serials at the terminal, where no progress bar may run.</summary>
    public static bool AskAtTerminal(ParseResult parsed) => parsed.GetValue(Serials) == StandardInput;

    /// <summary>
    /// The places with the serials in them, each read when its turn has come; they end with the serials.
    /// </summary>
    public static IEnumerable<ChipSocket> WithSerials(
        ParseResult parsed, Session session, IReadOnlyList<ChipSocket> places)
    {
        if (parsed.GetValue(Serials) is not { } where)
        {
            foreach (var place in places)
            {
                yield return place;
            }

            yield break;
        }

        using var file = where == StandardInput ? null : new StreamReader(where);
        var isAsked = file is null && Terminal.IsWatched(session.Error);
        foreach (var place in places)
        {
            if (isAsked)
            {
                session.Error.Write($"serial of the board in {place.Name}: ");
            }

            if ((file ?? Console.In).ReadLine() is not { } line)
            {
                if (isAsked)
                {
                    session.Error.WriteLine();
                }

                yield break;
            }

            yield return place with { Serial = line.Trim() };
        }
    }
}
