using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Site.Firmware;

/// <summary>
/// Answers a Claim with a Grant or a Refusal (docs/spec/delivery.md §6). Whoever is not a genuine device in
/// step gets the one outward refusal; the alert log has the precise reason.
/// </summary>
public sealed class DeliverFirmware(
    KnownDevices devices,
    IDeliveryLedger ledger,
    ISoftwareArchive archive,
    IDeliveryTerms terms,
    Edge edge,
    IEntropy entropy,
    TimeProvider clock)
{
    /// <summary>
    /// The Grant or Refusal as bytes; the same Claim gets the same bytes. Refusals: UnknownId, for
    /// everything.
    /// </summary>
    public Outcome<ReadOnlyMemory<byte>> Answer(ReadOnlyMemory<byte> message)
    {
        if (Message.Parse<Claim>(message).Refused(out var parsed, out var malformed))
        {
            return edge.Refuse(malformed, "a claim", null);
        }

        var subject = parsed.Claimed.Device.ToString();
        if (devices.Find(parsed.Claimed.Device) is not { } device)
        {
            var unknown = new Refusal(
                Reason.UnknownId, "an ID that was never issued: overproduced or forged");
            return edge.Refuse(unknown, subject, null);
        }

        using var key = devices.OpenKey(device, parsed.Claimed.Kid);
        if (AuthenticateClaim.Verify(parsed, devices.IdentityOf(device), key)
            .Refused(out var claim, out var forged))
        {
            return edge.Refuse(forged, subject, device);
        }

        devices.MarkActive(device, clock.GetUtcNow());
        return Decide(device, claim, key!);
    }

    private Outcome<ReadOnlyMemory<byte>> Decide(DeviceRecord device, AuthenticClaim claim, DeviceKey key)
    {
        while (true)
        {
            var record = ledger.Load(device.Chip, claim.Claim.Content.Number);
            var verdict = JudgeClaim.Judge(record, claim.Claim, claim.Done);
            switch (verdict)
            {
                case ClaimVerdict.Repeat repeat:
                    return repeat.Stored;
                case ClaimVerdict.OutOfStep found:
                    return Refuse(
                        device, claim, found.Found, "the claim does not follow what the site has seen");
                case ClaimVerdict.StillHeld:
                    return Refuse(device, claim, Reason.Fork, "held since it forked");
                case ClaimVerdict.Fork:
                    if (ledger.Commit(record, Fork(record, claim)))
                    {
                        edge.Alert(ForkFound(record, claim), claim.Claim.Content.Device.ToString(), device);
                        return Refuse(device, claim, Reason.Fork, "held since it forked");
                    }

                    break;
                case ClaimVerdict.Answer answer:
                    if (TryAnswer(device, record, claim, key, answer) is { } answered)
                    {
                        return answered;
                    }

                    break;
            }
        }
    }

    private ReadOnlyMemory<byte>? TryAnswer(
        DeviceRecord device,
        DeliveryRecord record,
        AuthenticClaim claim,
        DeviceKey key,
        ClaimVerdict.Answer verdict)
    {
        var now = clock.GetUtcNow();
        var closes = verdict.ClosesPrevious ? CloseDelivery.Closing(record, claim.Done!, now) : null;
        var (software, failed) = Select(device, claim.Claim.Content, closes, now);
        var entry = software is not null
            ? Grant(claim, key, software, now)
            : Refusal(claim, key, failed!.Value, now);
        var change = new DeliveryChange
        {
            Closes = closes,
            Claims = new ClaimedNumber(entry, claim.Claim.Bytes),
            Installed = claim.Claim.Content.Installed,
            Next = entry.Number + 1,
            Prev = entry.State == DeliveryState.Refused ? entry.AnswerDigest : Digest.Zero,
        };
        if (!ledger.Commit(record, change))
        {
            return null;
        }

        if (failed == FailedCondition.SecondDelivery)
        {
            var second = new Refusal(
                Reason.SecondDelivery, "the same software asked for again: a clone, or a lost device");
            edge.Alert(second, claim.Claim.Content.Device.ToString(), device);
        }

        return entry.Answer;
    }

    private (Software? Granted, FailedCondition? Failed) Select(
        DeviceRecord device, Claim claim, ClosedNumber? closes, DateTimeOffset now)
    {
        var standing = terms.StandingOf(device.Chip);
        if (closes is { State: DeliveryState.Installed })
        {
            standing = standing with { Delivered = standing.Delivered.Append(closes.Manifest).ToHashSet() };
        }

        return JudgeConditions.Judge(
            claim,
            device.DeviceType,
            archive.Of(device.Product),
            terms.ConditionsOf(device.Product),
            standing,
            now);
    }

    private DeliveryEntry Grant(AuthenticClaim claim, DeviceKey key, Software software, DateTimeOffset now)
    {
        var random = new byte[Protocol.Firmware.Grant.RandomSize];
        entropy.Fill(random);
        var grant = new Grant
        {
            Claim = claim.Claim.Digest,
            Number = claim.Claim.Content.Number,
            Manifest = software.Manifest,
            Size = (ulong)software.Module.Size,
            SiteRandom = random,
        };
        using var mac = DeliveryKeys.Grant(key);
        var sealedGrant = Message.Mac(grant, mac);
        return Entry(
            claim, DeliveryState.Open, sealedGrant.Bytes, sealedGrant.Digest, software.Manifest, now);
    }

    private static DeliveryEntry Refusal(
        AuthenticClaim claim, DeviceKey key, FailedCondition failed, DateTimeOffset now)
    {
        var refusal = new DeliveryRefusal(claim.Claim.Digest, claim.Claim.Content.Number, failed);
        using var mac = DeliveryKeys.Refusal(key);
        var sealedRefusal = Message.Mac(refusal, mac);
        return Entry(claim, DeliveryState.Refused, sealedRefusal.Bytes, sealedRefusal.Digest, null, now);
    }

    private static DeliveryEntry Entry(
        AuthenticClaim claim,
        DeliveryState state,
        ReadOnlyMemory<byte> answer,
        Digest digest,
        Digest? manifest,
        DateTimeOffset now) => new()
        {
            Number = claim.Claim.Content.Number,
            Kid = claim.Claim.Content.Kid,
            Claim = claim.Claim.Digest,
            State = state,
            Answer = answer,
            AnswerDigest = digest,
            Manifest = manifest,
            Answered = now,
        };

    private DeliveryChange Fork(DeliveryRecord record, AuthenticClaim claim) => new()
    {
        Fork = new ForkEvidence(claim.Claim.Content.Number, claim.Claim.Bytes, clock.GetUtcNow()),
        Next = record.Next,
        Prev = record.Prev,
    };

    private static Refusal ForkFound(DeliveryRecord record, AuthenticClaim claim) => new(
        Reason.Fork,
        record.At(claim.Claim.Content.Number) is { } first
            ? $"two claims at n = {first.Number}, the first answered {first.Answered:u}: a copy exists"
            : $"a claim at n = {claim.Claim.Content.Number} with another history: a copy exists");

    private Outcome<ReadOnlyMemory<byte>> Refuse(
        DeviceRecord device, AuthenticClaim claim, Reason reason, string detail) =>
        edge.Refuse(
            new Refusal(reason, detail), claim.Claim.Content.Device.ToString(), device);
}
