using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Firmware;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.Station.Firmware;

/// <summary>
/// First programming at the factory (docs/spec/programming.md §7): one chip, one Take, one File. Killed at
/// any point and started again, it goes on with the same Take and the same File; no File ever goes into two
/// chips. What goes into the socket is sealed to the chip that the File names: what "identify" says there is
/// believed for nothing but finding the chip's turn.
/// </summary>
public sealed class ProgramChip(
    ProgrammingJournal journal, ISiteLink site, PublicKey programmingKey, IEntropy entropy)
{
    /// <summary>
    /// Makes a provisioned chip a device. A chip that this station programmed before gives what it gave then.
    /// Refusals: WrongLifecycle for a chip that is not provisioned; ClaimOpen while the turn of another chip
    /// is open; the site's own, which close the turn; those of <see cref="FileOpener"/> and of the chip,
    /// and BadMac for a chip that does not confirm, which leave it open.
    /// </summary>
    /// <exception cref="IOException">The line failed: the same call goes on.</exception>
    public Outcome<ClosedTurn> Program(IChip chip, string deviceType, Digest order)
    {
        if (Identify(chip).Refused(out var facts, out var mute))
        {
            return mute;
        }

        if (journal.Open is { } other && other.Chip != facts.ChipId)
        {
            return new Refusal(
                Reason.ClaimOpen,
                $"turn {other.Take.Content.Turn} is open for chip {other.Chip}: finish or abandon it");
        }

        if (journal.Open is null)
        {
            if (journal.Programmed(facts.ChipId) is { } before)
            {
                return before;
            }

            if (facts.Stage != "provisioned")
            {
                return new Refusal(
                    Reason.WrongLifecycle, $"chip {facts.ChipId} is {facts.Stage}, not provisioned");
            }

            journal.BeginTurn(facts.ChipId, deviceType, order, entropy);
        }

        return Finish(chip, journal.Open!);
    }

    /// <summary>
    /// Gives the open turn up, on an operator's word: its keys are erased and its number is never used again.
    /// </summary>
    public ClosedTurn? Abandon() => journal.Open is null ? null : journal.Close(ClosedTurn.Abandoned);

    private Outcome<ClosedTurn> Finish(IChip chip, OpenTurn turn)
    {
        if (turn.File is null && Fetch(turn) is { } unanswered)
        {
            return unanswered;
        }

        if (FileOpener.Open(turn.File!, turn.Fresh, turn.TurnKey).Refused(out var content, out var why))
        {
            return why;
        }

        using (content)
        {
            var file = turn.File!.Content;
            var program = ProgramSealer.Seal(content, file.Chip, file.ChipKey, entropy);
            var host = new MemoryHost()
                .With(ProgramCommand.Head, program.Head)
                .With(ProgramCommand.Image, program.Image);
            return (chip.Execute(ProgramCommand.Name, host) ?? program.Judge(host.Emitted(ProgramCommand.Confirmation)))
                is { } refused
                ? refused
                : journal.Close(ClosedTurn.Programmed);
        }
    }

    /// <summary>Gets the File and keeps it. Null when it is there.</summary>
    private Refusal? Fetch(OpenTurn turn)
    {
        if (site.Take(turn.Take.Bytes).Refused(out var answer, out var refused))
        {
            journal.Close(refused.Name);
            return refused;
        }

        if (FileOpener.Verify(answer, turn.Take, journal.Station.Epoch, programmingKey)
            .Refused(out var file, out var why))
        {
            return why;
        }

        journal.KeepFile(file);
        return null;
    }

    private static Outcome<ChipFacts> Identify(IChip chip)
    {
        var host = new MemoryHost();
        return chip.Execute("identify", host) is { } refused
            ? refused
            : ChipFacts.Parse(host.Emitted("facts"));
    }
}
