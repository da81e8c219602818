using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Site.Firmware;

/// <summary>A claim of a known device, with the Done that rides in it.</summary>
public sealed record AuthenticClaim(Verified<Claim> Claim, Verified<Done>? Done);

/// <summary>Who really sent a claim (docs/spec/delivery.md §6.1).</summary>
public static class AuthenticateClaim
{
    /// <summary>
    /// Order of checks: kid, downgrade, signature or MAC, the riding Done's MAC.
    /// Refusals: UnknownKey, Downgrade (M0 of a device whose identity is enrolled), BadSignature, BadMac,
    /// Malformed.
    /// </summary>
    public static Outcome<AuthenticClaim> Verify(Unverified<Claim> claim, PublicKey? identity, DeviceKey? key)
    {
        if (key is null)
        {
            return new Refusal(Reason.UnknownKey, $"the device has no key {claim.Claimed.Kid}");
        }

        if (Prove(claim, identity, key).Refused(out var proven, out var forged))
        {
            return forged;
        }

        if (proven.Content.LastDone is not { } riding)
        {
            return new AuthenticClaim(proven, null);
        }

        return VerifyDone(riding, key).Refused(out var done, out var bad) ? bad
            : done.Content.Number != proven.Content.Number - 1
                ? new Refusal(Reason.Malformed, "the riding Done does not close n − 1")
                : new AuthenticClaim(proven, done);
    }

    /// <summary>A Done under the device's key. Refusals: those of parsing, BadMac.</summary>
    public static Outcome<Verified<Done>> VerifyDone(ReadOnlyMemory<byte> message, DeviceKey key)
    {
        if (Message.Parse<Done>(message).Refused(out var done, out var malformed))
        {
            return malformed;
        }

        using var mac = DeliveryKeys.Done(key);
        return done.VerifyMac(mac);
    }

    private static Outcome<Verified<Claim>> Prove(Unverified<Claim> claim, PublicKey? identity, DeviceKey key)
    {
        if (identity is not null)
        {
            return claim.Protection == Protection.Mac
                ? new Refusal(Reason.Downgrade, "a MAC where an enrolled identity must sign")
                : claim.VerifySignature(identity);
        }

        using var mac = DeliveryKeys.Claim(key);
        return claim.VerifyMac(mac);
    }
}
