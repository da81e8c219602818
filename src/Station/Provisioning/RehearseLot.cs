using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.Station.Provisioning;

/// <summary>
/// What a run would come to (docs/spec/provisioning.md 10.5): every socket is reached and every chip named, and
/// nothing is written, neither to a chip nor to the journal.
/// </summary>
public sealed class RehearseLot(LotFiles files, LotBook book)
{
    private readonly HashSet<ChipId> seen = [];
    private readonly HashSet<string> serials = [];
    private int ready;

    /// <summary>Looks at the sockets one after the other; each result is told at once.</summary>
    public IReadOnlyList<ChipResult> Run(IEnumerable<ChipSocket> sockets, Action<ChipResult> ended)
    {
        var results = new List<ChipResult>();
        foreach (var socket in sockets)
        {
            var result = LookAt(socket);
            results.Add(result);
            ended(result);
        }

        return results;
    }

    private ChipResult LookAt(ChipSocket socket)
    {
        try
        {
            var chip = ProvisionLot.Reach(socket.Connect);
            using var connection = chip as IDisposable;
            return ProvisionLot.Identify(chip).Refused(out var facts, out var unknown)
                ? new ChipResult(socket, null, ChipFate.Refused, unknown)
                : Judge(socket, facts);
        }
        catch (LineBrokenException fault)
        {
            return new ChipResult(socket, null, ChipFate.Lost, Why: fault.Message);
        }
    }

    private ChipResult Judge(ChipSocket socket, ChipFacts facts)
    {
        var id = facts.ChipId;
        if (AdmitToLot.Judge(book, files, socket, id) is { } turnedAway)
        {
            return turnedAway;
        }

        if (!seen.Add(id))
        {
            return new ChipResult(socket, id, ChipFate.Lost, Why: "another socket has this chip");
        }

        var isUnresolved = book.Find(id) is { IsUnresolved: true };
        if (FaultOf(facts, socket, isUnresolved) is { } refusal)
        {
            return new ChipResult(socket, id, ChipFate.Refused, refusal);
        }

        ready += isUnresolved ? 0 : 1;
        return new ChipResult(socket, id, ChipFate.Ready);
    }

    // What the chip says of itself is a hint; the run itself asks the chip's program.
    private Refusal? FaultOf(ChipFacts facts, ChipSocket socket, bool isUnresolved)
    {
        var order = files.Order.Content;
        return socket.Serial is { } serial && !serials.Add(serial)
                ? new Refusal(Reason.IdentityTaken, $"serial {serial} was read twice") :
            isUnresolved ? null :
            facts.Stage != "blank"
                ? new Refusal(Reason.AlreadyProvisioned, $"chip {facts.ChipId} is {facts.Stage}") :
            facts.Family != order.Family
                ? new Refusal(Reason.WrongFamily, $"chip {facts.ChipId} is of {facts.Family}") :
            !order.Lots.Contains(facts.Lot)
                ? new Refusal(Reason.WrongLot, $"chip {facts.ChipId} is of lot {facts.Lot}") :
            book.Spent + ready >= order.Quota
                ? new Refusal(Reason.OverQuota, $"all {order.Quota} chips are made by then") :
            null;
    }
}
