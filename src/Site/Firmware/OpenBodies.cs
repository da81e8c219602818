using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>
/// Gives manifest and bodies of an open Grant, from any offset, as often as asked (docs/spec/delivery.md
/// §7): a download that goes on where it broke off is no second delivery.
/// </summary>
public sealed class OpenBodies(
    KnownDevices devices, IDeliveryLedger ledger, ISoftwareArchive archive, Edge edge)
{
    /// <summary>
    /// The bodies, which the caller disposes. Refusals: UnknownId, for everything; the log has the precise
    /// reason.
    /// </summary>
    public Outcome<SealedBodies> Open(Digest grant)
    {
        if (ledger.FindGrant(grant) is not { } granted || devices.Find(granted.Chip) is not { } device)
        {
            return edge.Refuse(
                new Refusal(Reason.WrongGrant, "bodies of a Grant that was never given"), "bodies", null);
        }

        var record = ledger.Load(granted.Chip, granted.Number);
        var entry = record.At(granted.Number)!;
        if (record.Held || entry.State != DeliveryState.Open)
        {
            var closed = record.Held
                ? new Refusal(Reason.Fork, "held since it forked")
                : new Refusal(
                    Reason.SecondDelivery, $"bodies of n = {entry.Number} asked for after it was closed");
            return edge.Refuse(closed, device.Devices[0].ToString(), device);
        }

        using var key = devices.OpenKey(device, entry.Kid)
            ?? throw new InvalidOperationException(
                $"key {entry.Kid} of {device.Devices[0]} is gone while its Grant is open");
        using var mac = DeliveryKeys.Grant(key);
        var content = Message.Parse<Grant>(entry.Answer).OrThrow().VerifyMac(mac).OrThrow().Content;
        using var root = BodyRoot.Of(key, content.SiteRandom.Span);
        var software = archive.Find(content.Manifest)
            ?? throw new InvalidOperationException(
                $"module {content.Manifest} was granted and is not in the archive");
        return new SealedBodies(archive, software, root, content.Claim);
    }
}
