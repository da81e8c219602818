using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Device.Provisioning;

/// <summary>
/// Command "receipt": emits "receipt" as it was signed at provisioning, byte for byte, as often as asked
/// (docs/spec/provisioning.md §8). Refusals: WrongLifecycle before that.
/// </summary>
internal static class EmitReceipt
{
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (chip.Journal.SizeOf(Installation.ReceiptName) < 0)
        {
            return new Refusal(Reason.WrongLifecycle, "this chip has no receipt: it was never provisioned");
        }

        if (chip.Journal.ReadAll(Installation.ReceiptName).Refused(out var receipt, out var damaged))
        {
            return damaged;
        }

        host.Emit("receipt", receipt);
        return null;
    }
}
