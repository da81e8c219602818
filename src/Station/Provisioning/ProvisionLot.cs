using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Provisioning;

namespace Keywright.Station.Provisioning;

/// <summary>
/// A place on the line where a chip can be reached. Connecting may throw <see cref="IOException"/>.
/// </summary>
public sealed record ChipSocket(string Name, Func<IChip> Connect);

/// <summary>How one chip fared.</summary>
public enum ChipFate
{
    /// <summary>Provisioned now; its receipt is in the journal.</summary>
    Provisioned,

    /// <summary>Provisioned before a crash of the station or the line; its receipt was fetched now.</summary>
    Recovered,

    /// <summary>Its receipt was in the journal already.</summary>
    Known,

    /// <summary>Refused, by the chip or by the station; the chip is as it was.</summary>
    Refused,

    /// <summary>The line to it broke; its state is open until it is seen again.</summary>
    Lost,
}

/// <summary>What to tell about one chip: <paramref name="Why"/> for refused and lost ones.</summary>
public sealed record ChipResult(
    string Socket, ChipId? Chip, ChipFate Fate, Refusal? Refusal = null, string? Why = null);

/// <summary>
/// The factory provisions chips of a lot, offline, one after the other (docs/spec/provisioning.md §10).
/// Everything is in the journal before it happens, so that a run that was killed at any point goes on: no
/// chip is provisioned twice, no receipt is lost or counted twice. One chip's failure does not stop the lot.
/// </summary>
public sealed class ProvisionLot(LotFiles files, LotJournal journal)
{
    /// <summary>
    /// Provisions what the sockets hold; each result is reported at once and all are given at the end.
    /// </summary>
    public IReadOnlyList<ChipResult> Run(IEnumerable<ChipSocket> sockets, Action<ChipResult>? progress = null)
    {
        var results = new List<ChipResult>();
        foreach (var socket in sockets)
        {
            var result = RunOne(socket);
            results.Add(result);
            progress?.Invoke(result);
        }

        return results;
    }

    private ChipResult RunOne(ChipSocket socket)
    {
        ChipId? id = null;
        try
        {
            var chip = socket.Connect();
            using var connection = chip as IDisposable;
            if (Identify(chip).Refused(out var facts, out var unknown))
            {
                return new ChipResult(socket.Name, null, ChipFate.Refused, unknown);
            }

            id = facts.ChipId;
            return ProvisionOne(socket.Name, chip, facts.ChipId);
        }
        catch (IOException fault)
        {
            return new ChipResult(socket.Name, id, ChipFate.Lost, Why: fault.Message);
        }
    }

    private ChipResult ProvisionOne(string socket, IChip chip, ChipId id)
    {
        if (journal.Receipts.ContainsKey(id))
        {
            return new ChipResult(socket, id, ChipFate.Known);
        }

        if (!journal.Unresolved.Contains(id) && journal.Spent >= files.Order.Content.Quota)
        {
            var over = new Refusal(Reason.OverQuota, $"all {files.Order.Content.Quota} chips are made");
            return new ChipResult(socket, id, ChipFate.Refused, over);
        }

        journal.Begun(id, socket);
        var host = files.InputsOfOneChip();
        var fate = ChipFate.Provisioned;
        var refusal = chip.Execute("provisioning", host);
        if (refusal is { Reason: Reason.AlreadyProvisioned })
        {
            // It may be ours, from before a crash: then it has this order's receipt.
            fate = ChipFate.Recovered;
            refusal = chip.Execute("receipt", host) is null ? null : refusal;
        }

        refusal ??= FaultOf(host.Emitted("receipt"), id, fate);
        if (refusal is not null)
        {
            journal.Refused(id, refusal);
            return new ChipResult(socket, id, ChipFate.Refused, refusal);
        }

        journal.Completed(id, host.Emitted("receipt"));
        return new ChipResult(socket, id, fate);
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

    private static Outcome<ChipFacts> Identify(IChip chip)
    {
        var host = new MemoryHost();
        return chip.Execute("identify", host) is { } refusal
            ? refusal
            : ChipFacts.Parse(host.Emitted("facts"));
    }
}
