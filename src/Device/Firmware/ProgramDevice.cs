using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Opening.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Command "program" (docs/spec/programming.md §9): makes a provisioned chip one device, with what was sealed
/// to it alone. Device key, nameplate and bootloader by one commit record, with it the identity, once and for
/// all, and the lifecycle; then it confirms. The same call again, sealed afresh or not, changes nothing and is
/// confirmed again.
/// Refusals: MissingInput, those of <see cref="ProgramOpener"/>, IdentityTaken, WrongLifecycle, StoreFull,
/// BodyMismatch.
/// </summary>
internal static class ProgramDevice
{
    /// <summary>The flash object that holds the bootloader's program file.</summary>
    public const string BootloaderName = "bootloader";

    /// <summary>
    /// The flash object that tells what was programmed: {0: 1, 1: H(head content), 2: [* device-id]}.
    /// </summary>
    public const string ProgrammedName = "programmed";

    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        var inputs = new Inputs(host);
        if (inputs.Take(ProgramCommand.Head, ProgramCommand.MaxSealedHeadBytes)
            .Refused(out var bytes, out var missing))
        {
            return missing;
        }

        if (ProgramOpener.OpenHead(bytes, chip.Immutable.ChipId, chip.Keys.Kem)
            .Refused(out var head, out var why))
        {
            return why;
        }

        using (head)
        {
            if (!WasProgrammedBy(chip, head.Digest) && (Judge(chip, head) ?? Install(chip, inputs, head)) is { } refused)
            {
                return refused;
            }

            var confirmation = ProgramCommand.ConfirmationOf(head.Key, chip.Immutable.ChipId, head.Digest);
            host.Emit(ProgramCommand.Confirmation, confirmation);
            return null;
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

    private static Refusal? Install(ChipState chip, Inputs inputs, ProgramHead head)
    {
        using var draft = chip.KeyStore.Draft();
        using var transaction = chip.Journal.Begin();
        var handle = new KeyHandle(KeyKind.Device, head.Kid.ToString());
        var refusal = draft.Put(handle, new KeyAttributes("device", "kdf-hmac-256", 1), head.Key.Expose())
            ?? StoreImage(inputs, head, transaction)
            ?? new Nameplate(head.Devices[0], head.Product, head.DeviceType).Stage(transaction)
            ?? transaction.Put(ProgrammedName, Programmed(head))
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

        if (ImageOpener.JudgeSize(head, size) is { } other)
        {
            return other;
        }

        if (transaction.Create(BootloaderName, head.ImageSize) is { } full)
        {
            return full;
        }

        Span<byte> header = stackalloc byte[BodyShape.HeaderSize];
        if (!inputs.TryRead(ProgramCommand.Image, 0, header))
        {
            return EndedEarly();
        }

        if (ImageOpener.Begin(head, header).Refused(out var image, out var foreign))
        {
            return foreign;
        }

        using (image)
        {
            return StoreChunks(inputs, size, image, transaction) ?? image.Finish();
        }
    }

    private static Refusal? StoreChunks(
        Inputs inputs, long size, ImageOpener image, Transaction transaction)
    {
        var piece = new byte[BodyShape.SealedChunkSize];
        var chunk = GC.AllocateUninitializedArray<byte>(BodyShape.ChunkSize, pinned: true);
        try
        {
            for (long offset = BodyShape.HeaderSize; offset < size; offset += piece.Length)
            {
                var part = piece.AsSpan(0, (int)Math.Min(piece.Length, size - offset));
                if (!inputs.TryRead(ProgramCommand.Image, offset, part))
                {
                    return EndedEarly();
                }

                if (image.OpenChunk(part, chunk).Refused(out var plain, out var changed))
                {
                    return changed;
                }

                transaction.Append(chunk.AsSpan(0, plain));
            }

            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
        }
    }

    private static Refusal EndedEarly() => new(Reason.MissingInput, "the image ended early");

    private static byte[] Programmed(ProgramHead head)
    {
        using var writer = new CborWriter(640);
        writer.Map(3).Key(0).UInt(1).Key(1).Digest(head.Digest).Key(2).Array(head.Devices.Count);
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
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        return reader.Digest() == call;
    }
}
