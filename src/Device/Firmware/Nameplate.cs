using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// What the device was made to be (docs/spec/delivery.md §9.1): the object "nameplate" in flash, written at first programming.
/// CBOR: {0: 1, 1: device ID, 2: product, 3: device type}. The ID counts only while its H is the one in monotonic memory.
/// </summary>
public sealed record Nameplate(DeviceId Device, string Product, string DeviceType)
{
    /// <summary>The object's name.</summary>
    public const string ObjectName = "nameplate";

    /// <summary>Puts it into the transaction that programs the device.</summary>
    public Refusal? Stage(Transaction transaction)
    {
        using var writer = new CborWriter(160);
        writer.Map(4).Key(0).UInt(1).Key(1).Text(Device.ToString()).Key(2).Text(Product).Key(3).Text(DeviceType);
        return transaction.Put(ObjectName, writer.Written);
    }

    /// <summary>Refusals: WrongLifecycle (never programmed), WrongIdentity (not the ID that the chip was given).</summary>
    internal static Outcome<Nameplate> Of(ChipState chip)
    {
        if (chip.Journal.ReadAll(ObjectName).Refused(out var encoded, out var why))
        {
            return why.Reason == Reason.UnknownEntry
                ? new Refusal(Reason.WrongLifecycle, "the device was never programmed, or has lost its flash")
                : why;
        }

        var reader = new CborReader(encoded);
        reader.Map(4);
        reader.Version(1);
        reader.Key(1);
        var device = DeviceId.Read(ref reader);
        reader.Key(2);
        var product = reader.Text(1, ShortText.MaxLength);
        reader.Key(3);
        var nameplate = new Nameplate(device, product, reader.Text(1, ShortText.MaxLength));
        reader.EndMap();
        if (reader.Finish() is { } malformed)
        {
            return malformed;
        }

        return chip.Monotonic.Identity == device.Hash()
            ? nameplate
            : new Refusal(Reason.WrongIdentity, "the device ID in flash is not the one that this chip was given");
    }
}
