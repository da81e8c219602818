using System.CommandLine;
using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Cli.Backup;

/// <summary>
/// The soft chips that a station's command is about, one or a whole folder of them, and the same done to
/// each: a refused one does not stop the others.
/// </summary>
internal static class ChipsAtHand
{
    private static readonly Option<DirectoryInfo> Chips = new Option<DirectoryInfo>("--chips")
    {
        Description = "folder of soft chips: every chip below it",
    }.AcceptExistingOnly();

    private static readonly Option<DirectoryInfo[]> Chip = new Option<DirectoryInfo[]>("--chip")
    {
        Description = "folder of one soft chip",
    }.AcceptExistingOnly();

    private const string RefusedFate = "refused";
    private const string PassedOver = "passed over";

    /// <summary>Gives a command the two options, of which one is needed.</summary>
    public static Command AddTo(Command command)
    {
        command.Options.Add(Chip);
        command.Options.Add(Chips);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Chip) is null && result.GetResult(Chips) is null)
            {
                result.AddError("Which chips? --chip FOLDER or --chips FOLDER.");
            }
        });
        return command;
    }

    /// <summary>
    /// Does it to each chip and reports them. One chip alone that was refused is a refusal; among several it
    /// is a row of the report, and the exit code says it. In a whole folder, chips that were never programmed
    /// are passed over.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="session">Its session.</param>
    /// <param name="deed">The deed in the past tense, for the report.</param>
    /// <param name="act">What is done to one chip; it gives what is to be told of it.</param>
    public static int Each(
        ParseResult parsed,
        Session session,
        string deed,
        Func<ChipFolder, ChipFacts, Outcome<JsonObject>> act)
    {
        var places = (parsed.GetValue(Chip) ?? []).Select(chip => new Place(chip.ToString(), Named: true))
            .Concat(parsed.GetValue(Chips) is { } all
                ? ChipFolder.Below(all).Select(chip => new Place(chip, Named: false))
                : [])
            .ToList();
        var results = WorkBar.Run(session, deed, places.Count, done => places.ConvertAll(place =>
        {
            var result = One(place, session, deed, act);
            done();
            return result;
        }));
        if (results is [{ Refusal: { } refusal }])
        {
            return session.Refuse(refusal);
        }

        int Of(string fate) => results.Count(result => result.Fate == fate);
        session.Report(new JsonObject
        {
            [deed] = Of(deed),
            [RefusedFate] = Of(RefusedFate),
            [PassedOver] = Of(PassedOver),
            ["chips"] = new JsonArray([.. results.Select(result => (JsonNode)result.Row())]),
        });
        return Of(RefusedFate) == 0 ? Host.Done : Host.Refused;
    }

    private static Result One(
        Place place, Session session, string deed, Func<ChipFolder, ChipFacts, Outcome<JsonObject>> act)
    {
        using var chip = ChipFolder.Open(place.Folder, session.Entropy);
        if (chip.Identify().Refused(out var facts, out var why))
        {
            return new Result(place, null, RefusedFate, null, why);
        }

        if (!place.Named && facts.DeviceIdentity is null)
        {
            return new Result(place, facts.ChipId, PassedOver, null, null);
        }

        return act(chip, facts).Refused(out var told, out why)
            ? new Result(place, facts.ChipId, RefusedFate, null, why)
            : new Result(place, facts.ChipId, deed, told, null);
    }

    private sealed record Place(string Folder, bool Named);

    private sealed record Result(Place Place, ChipId? Chip, string Fate, JsonObject? Told, Refusal? Refusal)
    {
        public JsonObject Row() => new()
        {
            ["place"] = Place.Folder,
            ["chip"] = Chip?.ToString(),
            ["fate"] = Fate,
            ["device"] = Told?["device"]?.DeepClone(),
            ["number"] = Told?["number"]?.DeepClone(),
            ["refused as"] = Refusal?.Name,
            ["what"] = Refusal?.Detail,
        };
    }
}
