using Keywright.Protocol;

namespace Keywright.Station.Provisioning;

/// <summary>Whether a chip is provisioned, by what the journal says (docs/spec/provisioning.md 10.2).</summary>
internal static class AdmitToLot
{
    /// <summary>
    /// Null when it is to be begun. Refusals: Malformed and TooLarge (serial), IdentityTaken (the serial is
    /// another chip's, or the chip has another), UnlockMismatch (no unlock names it), OverQuota.
    /// </summary>
    public static ChipResult? Judge(LotBook book, LotFiles files, ChipSocket socket, ChipId id)
    {
        var quota = files.Order.Content.Quota;
        var known = book.Find(id);
        return SerialFault(book, socket, known, id) is { } fault
                ? new ChipResult(socket, id, ChipFate.Refused, fault) :
            known is { ScrappedFor: { } why }
                ? new ChipResult(socket, id, ChipFate.Removed, Why: $"scrapped: {why}") :
            known is { ReturnedTo: { } whom }
                ? new ChipResult(socket, id, ChipFate.Removed, Why: $"given back to {whom}") :
            known is { Receipt: not null }
                ? new ChipResult(socket, id, ChipFate.Known) :
            known is { IsUnresolved: true }
                ? null :
            !ProvisionLot.Reach(() => files.HasUnlockFor(id))
                ? new ChipResult(socket, id, ChipFate.Refused, new Refusal(
                    Reason.UnlockMismatch, $"no unlock names chip {id}")) :
            book.Spent >= quota
                ? new ChipResult(socket, id, ChipFate.Refused, new Refusal(
                    Reason.OverQuota, $"all {quota} chips are made")) :
            null;
    }

    /// <summary>The serial that was read, if one was, after it was judged.</summary>
    public static DeviceId? SerialOf(ChipSocket socket) =>
        socket.Serial is null || DeviceId.Parse(socket.Serial).Refused(out var serial, out _) ? null : serial;

    private static Refusal? SerialFault(LotBook book, ChipSocket socket, LotChip? known, ChipId id)
    {
        if (socket.Serial is null)
        {
            return null;
        }

        if (DeviceId.Parse(socket.Serial).Refused(out var serial, out var why))
        {
            return why with { Detail = $"the serial that was read: {why.Detail}" };
        }

        return book.Find(serial) is { } other && other.Chip != id
                ? new Refusal(Reason.IdentityTaken, $"serial {serial} was read for chip {other.Chip}") :
            known?.Serial is { } before && before != serial
                ? new Refusal(Reason.IdentityTaken, $"chip {id} has serial {before}") :
            null;
    }
}
