using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// Takes a Done that comes alone (docs/spec/delivery.md §8); one that rides in a Claim is taken with it.
/// </summary>
public sealed class CloseDelivery(KnownDevices devices, IDeliveryLedger ledger, Edge edge, TimeProvider clock)
{
    /// <summary>
    /// Gives how the delivery ended; the same Done again changes nothing and gives the same. Refusals:
    /// UnknownId, for everything.
    /// </summary>
    public Outcome<DeliveryResult> Close(ReadOnlyMemory<byte> message)
    {
        if (Message.Parse<Done>(message).Refused(out var parsed, out var malformed))
        {
            return edge.Refuse(malformed, "a done", null);
        }

        if (ledger.FindGrant(parsed.Claimed.Grant) is not { } granted
            || devices.Find(granted.Chip) is not { } device)
        {
            var unknown = new Refusal(Reason.WrongGrant, "a Done for a Grant that was never given");
            return edge.Refuse(unknown, "a done", null);
        }

        var kid = ledger.Load(granted.Chip, granted.Number).At(granted.Number)!.Kid;
        using var key = devices.OpenKey(device, kid);
        if (key is null || AuthenticateClaim.VerifyDone(message, key).Refused(out var done, out var forged))
        {
            var why = new Refusal(Reason.BadMac, "a Done with a MAC of another key");
            return edge.Refuse(why, device.Devices[0].ToString(), device);
        }

        return Decide(device, done);
    }

    private Outcome<DeliveryResult> Decide(DeviceRecord device, Verified<Done> done)
    {
        while (true)
        {
            var record = ledger.Load(device.Chip, done.Content.Number);
            var verdict = record.Held
                ? new DoneVerdict.OutOfStep(Reason.Fork)
                : JudgeClaim.Judge(record, done);
            switch (verdict)
            {
                case DoneVerdict.Nothing:
                    return done.Content.Result;
                case DoneVerdict.OutOfStep step:
                    return Refuse(device, step.Found, "the Done does not follow what the site has seen");
                case DoneVerdict.Close:
                    if (ledger.Commit(record, Closed(record, done)))
                    {
                        return done.Content.Result;
                    }

                    break;
                default:
                    if (ledger.Commit(record, Fork(record, done)))
                    {
                        var found = new Refusal(
                            Reason.Fork,
                            $"two endings of n = {done.Content.Number}: a copy exists");
                        edge.Alert(found, device.Devices[0].ToString(), device);
                        return Refuse(device, Reason.Fork, "held since it forked");
                    }

                    break;
            }
        }
    }

    internal static ClosedNumber Closing(
        DeliveryRecord record, Verified<Done> done, DateTimeOffset now) => new(
        done.Content.Number,
        done.Content.Result == DeliveryResult.Installed ? DeliveryState.Installed : DeliveryState.Declined,
        done.Digest,
        done.Bytes,
        record.At(done.Content.Number)!.Manifest!.Value,
        now);

    private DeliveryChange Closed(DeliveryRecord record, Verified<Done> done) => new()
    {
        Closes = Closing(record, done, clock.GetUtcNow()),
        Installed = done.Content.Installed,
        Next = record.Next,
        Prev = done.Content.Number + 1 == record.Next ? done.Digest : record.Prev,
    };

    private DeliveryChange Fork(DeliveryRecord record, Verified<Done> done) => new()
    {
        Fork = new ForkEvidence(done.Content.Number, done.Bytes, clock.GetUtcNow()),
        Next = record.Next,
        Prev = record.Prev,
    };

    private Refusal Refuse(DeviceRecord device, Reason reason, string detail) =>
        edge.Refuse(new Refusal(reason, detail), device.Devices[0].ToString(), device);
}
