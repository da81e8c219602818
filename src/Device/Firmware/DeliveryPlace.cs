using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Where the device stands in its chain of claims (docs/spec/delivery.md §9): the register (n, prev) and the
/// highest number claimed in monotonic memory, the object "claim" while one is open, and the object "closing",
/// the message that closed n. A flash that does not fit the registers was lost or put back.
/// </summary>
internal sealed record DeliveryPlace(Delivery Register, OwnClaim? Open, ReadOnlyMemory<byte>? LastDone)
{
    public const string ClaimObject = "claim";
    public const string ClosingObject = "closing";

    /// <summary>Refusals: ResumeDue, BadSeal.</summary>
    public static Outcome<DeliveryPlace> Of(ChipState chip)
    {
        var register = chip.Monotonic.Delivery;
        if (Object(chip, ClosingObject).Refused(out var closing, out var damaged))
        {
            return damaged;
        }

        if ((register.N > 0 || closing.Length > 0) && Digest.Of(closing) != register.Prev)
        {
            return new Refusal(Reason.ResumeDue, $"what closed n = {register.N} is no longer in flash");
        }

        if (Object(chip, ClaimObject).Refused(out var claim, out var torn))
        {
            return torn;
        }

        OwnClaim? open = null;
        if (claim.Length > 0)
        {
            open = new OwnClaim(claim, Message.Parse<Claim>(claim).OrThrow().Claimed, Digest.Of(claim));
            if (open.Content.Number != register.N + 1)
            {
                return new Refusal(
                    Reason.ResumeDue, $"a claim at {open.Content.Number} in flash, n is {register.N}");
            }
        }

        var claimed = chip.Monotonic.Claimed;
        if (claimed > (open?.Content.Number ?? register.N))
        {
            return new Refusal(Reason.ResumeDue, $"the claim at {claimed} is no longer in flash");
        }

        ReadOnlyMemory<byte>? done = null;
        if (closing.Length > 0 && !Message.Parse<Done>(closing).Refused(out _, out _))
        {
            done = closing;
        }

        return new DeliveryPlace(register, open, done);
    }

    /// <summary>
    /// The open claim, with the key it named. Refusals: those of <see cref="Of"/>, NoClaimOpen, UnknownKey.
    /// </summary>
    public static Outcome<OpenClaim> Opened(ChipState chip)
    {
        if (Of(chip).Refused(out var place, out var why))
        {
            return why;
        }

        if (place.Open is not { } open)
        {
            return new Refusal(
                Reason.NoClaimOpen, $"no claim is open; the last closed number is {place.Register.N}");
        }

        return chip.KeyStore.Open<DeviceKey>(DeviceKeys.Handle(open.Content.Kid))
            .Refused(out var key, out var missing)
            ? missing
            : new OpenClaim(open, key);
    }

    /// <summary>
    /// Closes the open number: message to flash, claim away, then the register, all in one commit.
    /// </summary>
    public static Refusal? StageClosing(
        Transaction transaction, ulong number, Digest digest, ReadOnlySpan<byte> message)
    {
        if (transaction.Put(ClosingObject, message) is { } full)
        {
            return full;
        }

        transaction.Delete(ClaimObject);
        transaction.Then(MonotonicUpdate.Delivered(number, digest));
        return null;
    }

    private static Outcome<byte[]> Object(ChipState chip, string name) =>
        chip.Journal.SizeOf(name) < 0 ? Array.Empty<byte>() : chip.Journal.ReadAll(name);
}

/// <summary>The device's own claim, as it lies in flash.</summary>
internal sealed record OwnClaim(ReadOnlyMemory<byte> Bytes, Claim Content, Digest Digest);

/// <summary>The open claim, and the key that its answer comes under.</summary>
internal sealed record OpenClaim(OwnClaim Claim, DeviceKey Key) : IDisposable
{
    public void Dispose() => Key.Dispose();
}

/// <summary>K_D in the key store: kind Device, named by its kid in decimal digits.</summary>
public static class DeviceKeys
{
    /// <summary>The handle of a kid.</summary>
    public static KeyHandle Handle(uint kid) => new(KeyKind.Device, kid.ToString());

    /// <summary>The newest kid; null when the device was never programmed.</summary>
    internal static uint? Newest(KeyStore store) => store.Keys
        .Where(key => key.Handle.Kind == KeyKind.Device)
        .Select(key => (uint?)uint.Parse(key.Handle.Name))
        .Max();
}
