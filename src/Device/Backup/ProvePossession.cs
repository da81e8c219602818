using System.Text;
using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;

namespace Keywright.Device.Backup;

/// <summary>
/// Command "possess" (docs/spec/backup.md §3): for the site's "nonce" and the "device-id" that the chip was
/// given, emits the "possession" that the site certifies.
/// </summary>
internal static class ProvePossession
{
    /// <summary>
    /// Refusals: MissingInput, TooLarge, Malformed; WrongLifecycle (no identity yet); WrongIdentity.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        var inputs = new Inputs(host);
        if (inputs.Take("nonce", Possession.NonceSize).Refused(out var nonce, out var why)
            || inputs.Take("device-id", DeviceId.MaxLength).Refused(out var text, out why)
            || DeviceId.Parse(Encoding.Latin1.GetString(text)).Refused(out var device, out why))
        {
            return why;
        }

        if (nonce.Length != Possession.NonceSize)
        {
            return new Refusal(Reason.Malformed, $"a nonce has {Possession.NonceSize} bytes");
        }

        if (chip.Monotonic.Identity is not { } identity)
        {
            return new Refusal(Reason.WrongLifecycle, "the chip has no device identity yet");
        }

        if (device.Hash() != identity)
        {
            return new Refusal(Reason.WrongIdentity, $"this device is not {device}");
        }

        var possession = new Possession(
            chip.Immutable.ChipId, device, chip.Keys.Kem.Public, chip.Keys.Tls.Public, nonce);
        host.Emit("possession", Message.Sign(possession, chip.Keys.Identity).Bytes.Span);
        return null;
    }
}
