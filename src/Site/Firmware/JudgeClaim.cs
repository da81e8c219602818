using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// The site's decision on an authentic Claim or Done (docs/spec/delivery.md §6): pure, over the record as it
/// was read. The order of the questions is the specification's.
/// </summary>
public static class JudgeClaim
{
    /// <summary>
    /// Where a claim stands in the chain; <paramref name="done"/> is the authentic Done that rides in it, if
    /// any.
    /// </summary>
    public static ClaimVerdict Judge(DeliveryRecord record, Verified<Claim> claim, Verified<Done>? done)
    {
        var number = claim.Content.Number;
        if (record.Held)
        {
            return new ClaimVerdict.StillHeld();
        }

        if (record.At(number) is { } entry && entry.Claim == claim.Digest)
        {
            return entry.State switch
            {
                DeliveryState.Open or DeliveryState.Refused => new ClaimVerdict.Repeat(entry.Answer),
                DeliveryState.Installed or DeliveryState.Declined =>
                    new ClaimVerdict.OutOfStep(Reason.SecondDelivery),
                _ => new ClaimVerdict.OutOfStep(Reason.Resync),
            };
        }

        var closing = done is null ? new DoneVerdict.Nothing() : Judge(record, done);
        if (record.At(number) is not null || closing is DoneVerdict.Fork)
        {
            return new ClaimVerdict.Fork();
        }

        if (record.ResumeDue)
        {
            return new ClaimVerdict.OutOfStep(Reason.ResumeDue);
        }

        if (number != record.Next)
        {
            return new ClaimVerdict.OutOfStep(Reason.Resync);
        }

        var prev = closing is DoneVerdict.Close ? done!.Digest : record.Prev;
        return prev == claim.Content.Prev && (closing is DoneVerdict.Close || !GrantIsOpen(record))
            ? new ClaimVerdict.Answer(closing is DoneVerdict.Close)
            : new ClaimVerdict.Fork();
    }

    /// <summary>What a Done does to its number.</summary>
    public static DoneVerdict Judge(DeliveryRecord record, Verified<Done> done)
    {
        if (record.At(done.Content.Number) is not { } entry)
        {
            return new DoneVerdict.OutOfStep(record.ResumeDue ? Reason.ResumeDue : Reason.Resync);
        }

        if (entry.State == DeliveryState.Void)
        {
            return new DoneVerdict.Nothing();
        }

        if (entry.AnswerDigest != done.Content.Grant)
        {
            return record.ResumeDue ? new DoneVerdict.OutOfStep(Reason.ResumeDue) : new DoneVerdict.Fork();
        }

        return entry.State switch
        {
            DeliveryState.Open => new DoneVerdict.Close(entry),
            _ when entry.Done == done.Digest => new DoneVerdict.Nothing(),
            _ => new DoneVerdict.Fork(),
        };
    }

    private static bool GrantIsOpen(DeliveryRecord record) =>
        record.At(record.Next - 1)?.State == DeliveryState.Open;
}

/// <summary>What to do with a claim.</summary>
public abstract record ClaimVerdict
{
    private ClaimVerdict()
    {
    }

    /// <summary>The claim was answered before: that answer again.</summary>
    public sealed record Repeat(ReadOnlyMemory<byte> Stored) : ClaimVerdict;

    /// <summary>
    /// The next number with the right prev: answer it; first close the number before, if its Done rode in.
    /// </summary>
    public sealed record Answer(bool ClosesPrevious) : ClaimVerdict;

    /// <summary>
    /// Nobody is accused and nothing written: the device must resume. The reason says what was found.
    /// </summary>
    public sealed record OutOfStep(Reason Found) : ClaimVerdict;

    /// <summary>Two devices speak with one identity: hold both.</summary>
    public sealed record Fork : ClaimVerdict;

    /// <summary>It forked before and is held.</summary>
    public sealed record StillHeld : ClaimVerdict;
}

/// <summary>What to do with a Done.</summary>
public abstract record DoneVerdict
{
    private DoneVerdict()
    {
    }

    /// <summary>It closes this entry.</summary>
    public sealed record Close(DeliveryEntry Entry) : DoneVerdict;

    /// <summary>It is known, or comes late: nothing changes.</summary>
    public sealed record Nothing : DoneVerdict;

    /// <summary>Nobody is accused and nothing written: the device must resume.</summary>
    public sealed record OutOfStep(Reason Found) : DoneVerdict;

    /// <summary>A second Done for one Grant, or a Done for a Grant that was never given: hold both.</summary>
    public sealed record Fork : DoneVerdict;
}
