using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Command "refused" (docs/spec/delivery.md §9.4): input "refusal", the site's no, which closes the open
/// claim.
/// </summary>
internal static class CloseRefused
{
    /// <summary>
    /// Refusals: NoClaimOpen, ResumeDue, MissingInput, those of parsing, BadMac, WrongClaim.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (DeliveryPlace.Opened(chip).Refused(out var open, out var why))
        {
            return why;
        }

        using (open)
        {
            if (Authentic(host, open).Refused(out var refusal, out var wrong))
            {
                return wrong;
            }

            using var transaction = chip.Journal.Begin();
            if (DeliveryPlace.StageClosing(
                transaction, refusal.Content.Number, refusal.Digest, refusal.Bytes.Span) is { } full)
            {
                return full;
            }

            transaction.Commit();
            return null;
        }
    }

    private static Outcome<Verified<DeliveryRefusal>> Authentic(IChipHost host, OpenClaim open)
    {
        if (new Inputs(host).Take("refusal", DeliveryRefusal.Type.MaxSizeBytes)
            .Refused(out var bytes, out var missing))
        {
            return missing;
        }

        if (Message.Parse<DeliveryRefusal>(bytes).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        using var mac = DeliveryKeys.Refusal(open.Key);
        if (parsed.VerifyMac(mac).Refused(out var refusal, out var forged))
        {
            return forged;
        }

        return refusal.Content.Claim == open.Claim.Digest
            && refusal.Content.Number == open.Claim.Content.Number
            ? refusal
            : new Refusal(Reason.WrongClaim, "a Refusal of another claim");
    }
}
