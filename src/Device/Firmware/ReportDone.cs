using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Commands "done" and "software" (docs/spec/delivery.md §9.5): the Done that closed the last number, again;
/// and the list of programs, as claims tell it.
/// </summary>
internal static class ReportDone
{
    /// <summary>
    /// Emits "done". Refusals: ResumeDue, BadSeal, UnknownEntry (no Done closed the last number).
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (DeliveryPlace.Of(chip).Refused(out var place, out var why))
        {
            return why;
        }

        if (place.LastDone is not { } done)
        {
            return new Refusal(Reason.UnknownEntry, "no Done closed the last number");
        }

        host.Emit("done", done.Span);
        return null;
    }

    /// <summary>Emits "software", the CBOR array of docs/spec/delivery.md §3. Refusals: BadSeal.</summary>
    public static Refusal? List(ChipState chip, IChipHost host)
    {
        if (InstalledPrograms.Of(chip).Refused(out var installed, out var why))
        {
            return why;
        }

        using var writer = new CborWriter(1024);
        Installed.WriteAll(writer, installed.Told());
        host.Emit("software", writer.Written);
        return null;
    }
}
