using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Command "program" (docs/spec/programming.md §9): makes a provisioned chip one device. Device key,
/// nameplate and bootloader by one commit record, with it the identity, once and for all, and the lifecycle.
/// The same call again changes nothing and is no fault. Refusals: MissingInput, TooLarge, Malformed,
/// WrongVersion, IdentityTaken, WrongLifecycle, StoreFull, BodyMismatch.
/// </summary>
internal static class ProgramDevice
{
    /// <summary>The flash object that holds the bootloader's program file.</summary>
    public const string BootloaderName = "bootloader";

    /// <summary>
    /// The flash object that tells what was programmed: {0: 1, 1: H(head), 2: [* device-id]}.
    /// </summary>
    public const string ProgrammedName = "programmed";

    private const int BlockSize = 16384;

    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        var inputs = new Inputs(host);
        if (inputs.Take(ProgramCommand.Head, ProgramCommand.MaxHeadBytes)
            .Refused(out var bytes, out var missing))
        {
            return missing;
        }

        try
        {
            return ProgramCommand.Decode(bytes).Refused(out var head, out var malformed)
                ? malformed
                : Run(chip, inputs, head, Digest.Of(bytes));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static Refusal? Run(ChipState chip, Inputs inputs, ProgramHead head, Digest call)
    {
        using (head)
        {
            if (WasProgrammedBy(chip, call))
            {
                return null;
            }

            return Judge(chip, head) ?? Install(chip, inputs, head, call);
        }
    }

    private static Refusal? Judge(ChipState chip, ProgramHead head)
    {
        if (chip.Monotonic.Identity is { } taken && taken != head.Devices[0].Hash())
        {
            return new Refusal(Reason.IdentityTaken, "this chip has another identity, for ever");
        }

        return chip.Monotonic.Lifecycle == Lifecycle.Provisioned
            ? null
            : new Refusal(
                Reason.WrongLifecycle,
                $"the chip is {chip.Monotonic.Lifecycle}: only a provisioned one is programmed");
    }

    private static Refusal? Install(ChipState chip, Inputs inputs, ProgramHead head, Digest call)
    {
        using var draft = chip.KeyStore.Draft();
        using var transaction = chip.Journal.Begin();
        var handle = new KeyHandle(KeyKind.Device, head.Kid.ToString());
        var refusal = draft.Put(handle, new KeyAttributes("device", "kdf-hmac-256", 1), head.Key.Expose())
            ?? StoreImage(inputs, head, transaction)
            ?? new Nameplate(head.Devices[0], head.Product, head.DeviceType).Stage(transaction)
            ?? transaction.Put(ProgrammedName, Programmed(head, call))
            ?? chip.KeyStore.Stage(draft, transaction);
        if (refusal is not null)
        {
            return refusal;
        }

        transaction.Then(MonotonicUpdate.IdentifiedAs(head.Devices[0].Hash()));
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
        transaction.Commit();
        return null;
    }

    private static Refusal? StoreImage(Inputs inputs, ProgramHead head, Transaction transaction)
    {
        if (inputs.SizeOf(ProgramCommand.Image).Refused(out var size, out var missing))
        {
            return missing;
        }

        if (size != head.ImageSize)
        {
            return new Refusal(
                Reason.BodyMismatch, $"an image of {size} bytes, where {head.ImageSize} are announced");
        }

        if (transaction.Create(BootloaderName, head.ImageSize) is { } full)
        {
            return full;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);
        for (var offset = 0; offset < head.ImageSize; offset += block.Length)
        {
            var part = block.AsSpan(0, Math.Min(block.Length, head.ImageSize - offset));
            if (!inputs.TryRead(ProgramCommand.Image, offset, part))
            {
                return new Refusal(Reason.MissingInput, "the image ended early");
            }

            hash.AppendData(part);
            transaction.Append(part);
        }

        CryptographicOperations.ZeroMemory(block);
        Span<byte> found = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(found);
        return new Digest(found) == head.ImageHash
            ? null
            : new Refusal(Reason.BodyMismatch, "the image is not the one that is announced");
    }

    private static byte[] Programmed(ProgramHead head, Digest call)
    {
        using var writer = new CborWriter(640);
        writer.Map(3).Key(0).UInt(1).Key(1).Digest(call).Key(2).Array(head.Devices.Count);
        foreach (var device in head.Devices)
        {
            writer.Text(device.ToString());
        }

        return writer.ToArray();
    }

    private static bool WasProgrammedBy(ChipState chip, Digest call)
    {
        if (chip.Monotonic.Lifecycle < Lifecycle.Personalised
            || chip.Journal.ReadAll(ProgrammedName).Refused(out var programmed, out _))
        {
            return false;
        }

        var reader = new CborReader(programmed);
        reader.Map(3, 3);
        reader.Version(1);
        reader.Key(1);
        return reader.Digest() == call;
    }
}
