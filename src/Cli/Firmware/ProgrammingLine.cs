using System.Text.Json.Nodes;
using Keywright.Chips;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Station.Firmware;

namespace Keywright.Cli.Firmware;

/// <summary>
/// Programs the chips of a folder one after the other. The chip of the open turn comes first. Chips in
/// another stage than provisioned are passed over, unless this station programmed them.
/// </summary>
internal sealed class ProgrammingLine(
    ProgramChip program, ProgrammingJournal journal, string deviceType, Digest order, IEntropy noise)
{
    // Each refused turn is lost, and a station that is 64 turns ahead of the site is not answered any more.
    private const int MaxRefusedInRow = 8;

    /// <summary>
    /// What became of each chip, up to where the line stopped: at a refusal that is not about one chip, or
    /// after several chips in a row that the site refused.
    /// </summary>
    public IReadOnlyList<ChipFate> Run(IReadOnlyList<string> folders, Action done)
    {
        var fates = new List<ChipFate>();
        var inRow = 0;
        foreach (var folder in OpenTurnFirst(folders))
        {
            var fate = Program(folder);
            fates.Add(fate);
            done();
            inRow = fate.Refusal is null ? 0 : inRow + 1;
            if (inRow == MaxRefusedInRow || fate.Refusal is { } why && !IsAboutOneChip(why.Reason))
            {
                break;
            }
        }

        return fates;
    }

    /// <summary>One chip, whatever its stage.</summary>
    public ChipFate ProgramOne(string folder)
    {
        using var chip = ChipFolder.Open(folder, noise);
        return chip.Identify().Refused(out var facts, out var mute)
            ? new ChipFate(folder, null) { Refusal = mute }
            : Program(folder, chip, facts.ChipId);
    }

    private ChipFate Program(string folder)
    {
        using var chip = ChipFolder.Open(folder, noise);
        if (chip.Identify().Refused(out var facts, out var mute))
        {
            return new ChipFate(folder, null) { Refusal = mute };
        }

        var isMine = journal.Open?.Chip == facts.ChipId || journal.Programmed(facts.ChipId) is not null;
        return facts.Stage == "provisioned" || isMine
            ? Program(folder, chip, facts.ChipId)
            : new ChipFate(folder, facts.ChipId) { PassedOver = facts.Stage };
    }

    private ChipFate Program(string folder, ChipFolder chip, ChipId id) =>
        program.Program(chip, deviceType, order).Refused(out var turn, out var why)
            ? new ChipFate(folder, id) { Refusal = why }
            : new ChipFate(folder, id) { Turn = turn };

    private IEnumerable<string> OpenTurnFirst(IReadOnlyList<string> folders)
    {
        if (journal.Open is not { } open)
        {
            return folders;
        }

        var first = folders.Where(folder => ChipIn(folder) == open.Chip).ToList();
        return first.Concat(folders.Except(first));
    }

    private ChipId? ChipIn(string folder)
    {
        using var chip = ChipFolder.Open(folder, noise);
        return chip.Identify().Refused(out var facts, out _) ? null : facts.ChipId;
    }

    private static bool IsAboutOneChip(Reason reason) =>
        reason is Reason.WrongLifecycle or Reason.UnknownChip or Reason.IdentityTaken;
}

/// <summary>
/// What became of the chip in one folder: a turn, a refusal, or the stage that it was passed over for.
/// </summary>
internal sealed record ChipFate(string Folder, ChipId? Chip)
{
    public ClosedTurn? Turn { get; init; }

    public Refusal? Refusal { get; init; }

    public string? PassedOver { get; init; }

    public JsonObject ToJson() => new()
    {
        ["folder"] = Folder,
        ["chip"] = Chip?.ToString(),
        ["result"] = Turn?.Result ?? Refusal?.Name ?? PassedOver,
        ["turn"] = Turn?.Turn,
        ["devices"] = new JsonArray(
            [.. (Turn?.Devices ?? []).Select(device => JsonValue.Create(device.ToString()))]),
        ["what"] = Refusal?.Detail,
    };
}
