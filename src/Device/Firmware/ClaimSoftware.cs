using Keywright.Device.Backup;
using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Command "claim" (docs/spec/delivery.md §9.2): asks for the newest software of the device's product, or
/// for the one whose manifest digest is the input "manifest". The claim is in flash before it is emitted as
/// "claim", and its number counts as claimed for ever; until it has an authentic answer that is closed, the
/// same bytes come out again, whatever is asked.
/// </summary>
internal static class ClaimSoftware
{
    /// <summary>
    /// Refusals: WrongLifecycle, WrongIdentity, UnknownKey, ResumeDue, BadSeal, StoreFull, TooLarge,
    /// Malformed.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (Wanted(host).Refused(out var wanted, out var malformed))
        {
            return malformed;
        }

        if (DeliveryPlace.Of(chip).Refused(out var place, out var why))
        {
            return why;
        }

        if (place.Open is { } open)
        {
            host.Emit("claim", open.Bytes.Span);
            return null;
        }

        if (Make(chip, place, wanted.Manifest).Refused(out var claim, out var cannot))
        {
            return cannot;
        }

        using var transaction = chip.Journal.Begin();
        if (transaction.Put(DeliveryPlace.ClaimObject, claim.Bytes.Span) is { } full)
        {
            return full;
        }

        transaction.Then(MonotonicUpdate.Claimed(claim.Content.Number));
        transaction.Commit();
        host.Emit("claim", claim.Bytes.Span);
        return null;
    }

    private static Outcome<Want> Wanted(IChipHost host)
    {
        if (host.SizeOf("manifest") < 0)
        {
            return new Want(null);
        }

        if (new Inputs(host).Take("manifest", Digest.Size).Refused(out var digest, out var why))
        {
            return why;
        }

        return digest.Length == Digest.Size
            ? new Want(new Digest(digest))
            : new Refusal(Reason.Malformed, "manifest is the 32 bytes of a digest");
    }

    private static Outcome<Verified<Claim>> Make(ChipState chip, DeliveryPlace place, Digest? manifest)
    {
        if (Nameplate.Of(chip).Refused(out var device, out var nobody))
        {
            return nobody;
        }

        if (InstalledPrograms.Of(chip).Refused(out var installed, out var damaged))
        {
            return damaged;
        }

        if (DeviceKeys.Newest(chip.KeyStore) is not { } kid)
        {
            return new Refusal(Reason.UnknownKey, "the device has no device key");
        }

        var nonce = new byte[Claim.NonceSize];
        chip.Entropy.Fill(nonce);
        var claim = new Claim
        {
            Device = device.Device,
            Kid = kid,
            Number = place.Register.N + 1,
            Prev = place.Register.Prev,
            LastDone = place.LastDone,
            Product = device.Product,
            Manifest = manifest,
            Installed = installed.Told(),
            Nonce = nonce,
        };
        return Protect(chip, claim, kid);
    }

    private static Outcome<Verified<Claim>> Protect(ChipState chip, Claim claim, uint kid)
    {
        if (chip.Journal.SizeOf(Credential.ObjectName) >= 0)
        {
            return Message.Sign(claim, chip.Keys.Identity);
        }

        if (chip.KeyStore.Open<DeviceKey>(DeviceKeys.Handle(kid)).Refused(out var key, out var why))
        {
            return why;
        }

        using (key)
        {
            using var mac = DeliveryKeys.Claim(key);
            return Message.Mac(claim, mac);
        }
    }

    private sealed record Want(Digest? Manifest);
}
