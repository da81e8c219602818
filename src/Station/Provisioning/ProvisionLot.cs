using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;

namespace Keywright.Station.Provisioning;

/// <summary>
/// The factory provisions chips of a lot, offline, several at the same time (docs/spec/provisioning.md §10).
/// Everything is in the journal before it happens, so that a run that was killed at any point goes on: no
/// chip is provisioned twice, no receipt is lost or counted twice. One socket's failure does not stop the
/// others; a fault of the journal stops them all.
/// </summary>
public sealed class ProvisionLot(LotFiles files, LotJournal journal)
{
    private readonly object gate = new();
    private readonly HashSet<ChipId> inHand = [];
    private int working;

    /// <summary>
    /// Provisions what the sockets hold; gives the last result of each, in the order of the sockets.
    /// </summary>
    public IReadOnlyList<ChipResult> Run(IEnumerable<ChipSocket> sockets, LotRun run)
    {
        using var queue = new SocketQueue(sockets, run.Limit);
        var results = new SortedList<int, ChipResult>();
        var workers = Enumerable.Range(0, run.Sockets)
            .Select(_ => Task.Factory.StartNew(() => Work(queue, run, results), TaskCreationOptions.LongRunning))
            .ToArray();
        Task.WhenAll(workers).GetAwaiter().GetResult();
        return [.. results.Values];
    }

    private void Work(SocketQueue queue, LotRun run, SortedList<int, ChipResult> results)
    {
        try
        {
            while (queue.Next() is (var number, var socket))
            {
                var result = RunOne(socket, run);
                lock (gate)
                {
                    results.Add(number, result);
                }

                queue.Done(counts: result.Fate is not (ChipFate.Known or ChipFate.Removed));
            }
        }
        finally
        {
            queue.Stop();
        }
    }

    private ChipResult RunOne(ChipSocket socket, LotRun run)
    {
        for (var retests = run.Retests; ; retests--)
        {
            var (result, tried) = TryOne(socket, run);
            var again = retests > 0 && (result.Fate == ChipFate.Lost || tried && result.Fate == ChipFate.Refused);
            result = result with { IsRetested = again };
            lock (gate)
            {
                run.Ended(result);
            }

            if (!again)
            {
                return result;
            }
        }
    }

    private (ChipResult Result, bool Tried) TryOne(ChipSocket socket, LotRun run)
    {
        ChipId? id = null;
        try
        {
            var chip = Reach(socket.Connect);
            using var connection = chip as IDisposable;
            if (Identify(chip).Refused(out var facts, out var unknown))
            {
                return (new ChipResult(socket, null, ChipFate.Refused, unknown), false);
            }

            id = facts.ChipId;
            return Admit(socket, facts.ChipId, run) is { } turnedAway
                ? (turnedAway, false)
                : (ProvisionOne(socket, chip, facts.ChipId), true);
        }
        catch (LineBrokenException fault)
        {
            return (new ChipResult(socket, id, ChipFate.Lost, Why: fault.Message), false);
        }
    }

    /// <summary>Null: the chip is begun, and in nobody else's hand.</summary>
    private ChipResult? Admit(ChipSocket socket, ChipId id, LotRun run)
    {
        lock (gate)
        {
            if (inHand.Contains(id))
            {
                return new ChipResult(socket, id, ChipFate.Lost, Why: "another socket has this chip in hand");
            }

            // A chip that is being provisioned may yet fail, and leave its place to this one.
            while (AdmitToLot.Judge(journal.Book, files, socket, id) is { } turnedAway)
            {
                if (turnedAway.Refusal?.Reason != Reason.OverQuota || working == 0)
                {
                    return turnedAway;
                }

                Monitor.Wait(gate);
            }

            journal.Begun(id, socket.Name, AdmitToLot.SerialOf(socket));
            inHand.Add(id);
            working++;
            run.Begun(new ChipBegun(socket, id, journal.Book.Find(id)!.Tries));
            return null;
        }
    }

    private ChipResult ProvisionOne(ChipSocket socket, IChip chip, ChipId id)
    {
        try
        {
            var (fate, refusal, receipt) = Ask(chip, id);
            lock (gate)
            {
                if (refusal is null)
                {
                    journal.Completed(id, receipt);
                }
                else
                {
                    journal.Refused(id, refusal);
                }
            }

            return new ChipResult(socket, id, refusal is null ? fate : ChipFate.Refused, refusal);
        }
        finally
        {
            lock (gate)
            {
                inHand.Remove(id);
                working--;
                Monitor.PulseAll(gate);
            }
        }
    }

    private (ChipFate Fate, Refusal? Refusal, byte[] Receipt) Ask(IChip chip, ChipId id)
    {
        var host = Reach(() => files.InputsOf(id));
        var fate = ChipFate.Provisioned;
        var refusal = Reach(() => chip.Execute("provisioning", host));
        if (refusal is { Reason: Reason.AlreadyProvisioned })
        {
            // It may be ours, from before a crash: then it has this order's receipt.
            fate = ChipFate.Recovered;
            refusal = Reach(() => chip.Execute("receipt", host)) is null ? null : refusal;
        }

        var receipt = host.Emitted("receipt");
        return (fate, refusal ?? FaultOf(receipt, id, fate), receipt);
    }

    private Refusal? FaultOf(byte[] bytes, ChipId chip, ChipFate fate)
    {
        if (Message.Parse<Receipt>(bytes).Refused(out var parsed, out var why)
            || parsed.VerifySignature(parsed.Claimed.Identity).Refused(out var receipt, out why))
        {
            return why;
        }

        var ofThisOrder = receipt.Content.Chip == chip
            && receipt.Content.Order == files.Order.Digest
            && files.Order.Content.Packages.Contains(receipt.Content.Package);
        return ofThisOrder ? null :
            fate == ChipFate.Recovered
                ? new Refusal(Reason.AlreadyProvisioned, $"chip {chip} was provisioned under another order")
                : new Refusal(Reason.ForeignReceipt, $"chip {chip} gave a receipt for something else");
    }

    internal static Outcome<ChipFacts> Identify(IChip chip)
    {
        var host = new MemoryHost();
        return Reach(() => chip.Execute("identify", host)) is { } refusal
            ? refusal
            : ChipFacts.Parse(host.Emitted("facts"));
    }

    // What fails on the way to a chip is that socket's matter; the same from the journal is everybody's.
    internal static T Reach<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new LineBrokenException(fault);
        }
    }
}

/// <summary>The line to one chip broke.</summary>
internal sealed class LineBrokenException(Exception fault) : Exception(fault.Message, fault);
