using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Station.Backup;

/// <summary>
/// Takes a programmed device to the field (docs/spec/backup.md §3, §4, §6, §8): possession, certificate,
/// backup, publication, proof. Every step can be taken again with the same outcome, so after a crash of
/// anybody in between it is run again from the start. The station carries what it cannot open.
/// </summary>
public sealed class FieldDevice(
    ReadOnlyMemory<byte> orderKey, ReadOnlyMemory<byte> issuer, ICertifier site, IPublisher directory)
{
    /// <summary>
    /// Null when the device is fielded; else the refusal of the chip, the site or the directory.
    /// </summary>
    public Refusal? Run(IChip chip, DeviceId device)
    {
        if (Certificate(chip, device).Refused(out var certificate, out var why))
        {
            return why;
        }

        var certification = new MemoryHost()
            .With("order-key", orderKey)
            .With("issuer", issuer)
            .With("certificate", certificate);
        return chip.Execute("certify", certification) ?? new PublishBackup(directory).Run(chip);
    }

    private Outcome<ReadOnlyMemory<byte>> Certificate(IChip chip, DeviceId device)
    {
        var identification = new MemoryHost();
        if (chip.Execute("identify", identification) is { } mute)
        {
            return mute;
        }

        if (ChipFacts.Parse(identification.Emitted("facts")).Refused(out var facts, out var why)
            || site.OpenNonce(facts.ChipId).Refused(out var nonce, out why))
        {
            return why;
        }

        var possession = new MemoryHost()
            .With("nonce", nonce)
            .With("device-id", Encoding.ASCII.GetBytes(device.ToString()));
        return chip.Execute("possess", possession) is { } refused
            ? refused
            : site.Certify(possession.Emitted("possession"));
    }
}
