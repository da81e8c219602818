using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Device.KeyDownload;

/// <summary>
/// Command "challenge": draws a random for the application key that the input "ref1" (4 bytes, big-endian)
/// names, and emits the EXPORT KEY that asks for it as "export-key" (docs/spec/keydownload.md §7.1).
/// Refusals: WrongLifecycle, MissingInput, TooLarge, Malformed, those of <see cref="UnitSecrets"/>, ProofDue,
/// StoreFull.
/// </summary>
internal static class DrawChallenge
{
    private const int NoiseSize = 32;

    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (UnitState.RefusedBy(chip) is { } stage)
        {
            return stage;
        }

        if (new Inputs(host).Take("ref1", sizeof(uint)).Refused(out var ref1, out var missing))
        {
            return missing;
        }

        if (ref1.Length != sizeof(uint))
        {
            return new Refusal(Reason.Malformed, $"ref1 of {ref1.Length} bytes, not {sizeof(uint)}");
        }

        // A key that could not be stored is not asked for: the SAM would count the download.
        if (UnitSecrets.Open(chip).Refused(out var secrets, out var why))
        {
            return why;
        }

        secrets.Dispose();
        return chip.KeyStore.ChangeRefused ?? Draw(chip, host, BinaryPrimitives.ReadUInt32BigEndian(ref1));
    }

    private static Refusal? Draw(ChipState chip, IChipHost host, uint ref1)
    {
        var number = chip.Monotonic.Challenges + 1;
        var challenge = new OutstandingChallenge(RandomOf(chip, number), ref1);
        using var transaction = chip.Journal.Begin();
        if (transaction.Put(UnitState.ObjectName, UnitState.Out(number, challenge).Encode()) is { } full)
        {
            return full;
        }

        transaction.First(MonotonicUpdate.Challenged(number));
        transaction.Commit();
        host.Emit("export-key", new ExportKey(challenge.Random, ref1, UnitState.SerialOf(chip)).Encode());
        return null;
    }

    /// <summary>
    /// The counter keeps randoms apart even where the noise has failed, the noise where the counter has.
    /// </summary>
    private static Challenge RandomOf(ChipState chip, ulong number)
    {
        var noise = new byte[NoiseSize];
        chip.Entropy.Fill(noise);
        Span<byte> random = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(chip.Keys.Challenge.Expose(), CborItem.Array(number, noise), random);
        return new Challenge(random[..Challenge.Size]);
    }
}
