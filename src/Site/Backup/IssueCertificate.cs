using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;

namespace Keywright.Site.Backup;

/// <summary>
/// Certifies a device (docs/spec/backup.md §3.2, §4.1): a chip that was counted and programmed proves
/// possession of its keys and gets the one certificate that it will ever have; asked again, the same bytes
/// again.
/// </summary>
public sealed class IssueCertificate(
    IChipRegister chips,
    IDeviceRegistry devices,
    ICertificateRegister certificates,
    SigningKey issuingKey,
    TimeProvider time)
{
    /// <summary>
    /// The Certificate for a Possession. Refusals, in this order: those of <see cref="Message.Parse{T}"/>,
    /// UnknownChip, UnknownId, BadSignature, WrongIdentity, WrongChip, IdentityTaken (certified with other
    /// keys), NoChallenge, IdentityTaken (the device ID has another chip).
    /// </summary>
    public Outcome<ReadOnlyMemory<byte>> Answer(ReadOnlyMemory<byte> message)
    {
        if (Judge(message).Refused(out var asked, out var why))
        {
            return why;
        }

        if (certificates.Find(asked.Chip.Chip) is { } issued)
        {
            return Again(issued, asked);
        }

        var certificate = Certify(asked);
        return certificates.Keep(certificate, asked.Possession.Nonce.Span, time.GetUtcNow()) switch
        {
            CertificateWrite.Kept => certificate.Bytes,
            CertificateWrite.ChipHasOne => Again(certificates.Find(asked.Chip.Chip)!, asked),
            CertificateWrite.NonceNotOpen =>
                new Refusal(Reason.NoChallenge, "the nonce is not the one that is open for this chip"),
            CertificateWrite.DeviceHasOne =>
                new Refusal(Reason.IdentityTaken, $"{certificate.Device} is certified with another chip"),
            var other => throw new InvalidOperationException($"{other}"),
        };
    }

    private Outcome<Asked> Judge(ReadOnlyMemory<byte> message)
    {
        if (Message.Parse<Possession>(message).Refused(out var claimed, out var why))
        {
            return why;
        }

        var possession = claimed.Claimed;
        if (chips.FindChip(possession.Chip) is not { } chip)
        {
            return new Refusal(Reason.UnknownChip, $"chip {possession.Chip} was never counted");
        }

        if (devices.Find(possession.Chip) is not { } device)
        {
            return new Refusal(Reason.UnknownId, $"chip {possession.Chip} was never programmed");
        }

        if (claimed.VerifySignature(chip.Identity).Refused(out _, out why))
        {
            return why;
        }

        if (possession.Device != device.Devices[0])
        {
            return new Refusal(Reason.WrongIdentity, $"chip {chip.Chip} is {device.Devices[0]}");
        }

        return possession.Kem.Equals(chip.Kem)
            ? new Asked(possession, chip, device)
            : new Refusal(Reason.WrongChip, "not the key to seal to that the receipt named");
    }

    private IssuedCertificate Certify(Asked asked)
    {
        var certificate = Message.Sign(
            new Certificate
            {
                Chip = asked.Chip.Chip,
                Device = asked.Possession.Device,
                DeviceType = asked.Device.DeviceType,
                Identity = asked.Chip.Identity,
                Tls = asked.Possession.Tls,
                Kem = asked.Chip.Kem,
                Issued = (ulong)time.GetUtcNow().ToUnixTimeSeconds(),
                Station = asked.Device.Station,
                Product = asked.Device.Product,
            },
            issuingKey);
        return new IssuedCertificate(
            asked.Chip.Chip,
            asked.Possession.Device,
            asked.Chip.Identity,
            asked.Possession.Tls,
            asked.Chip.Kem,
            certificate.Bytes);
    }

    private static Outcome<ReadOnlyMemory<byte>> Again(IssuedCertificate issued, Asked asked) =>
        issued.Device == asked.Possession.Device
        && issued.Identity.Equals(asked.Chip.Identity)
        && issued.Tls.Equals(asked.Possession.Tls)
        && issued.Kem.Equals(asked.Possession.Kem)
            ? issued.Bytes
            : new Refusal(Reason.IdentityTaken, $"chip {issued.Chip} is certified as {issued.Device}");

    private sealed record Asked(Possession Possession, LearntChip Chip, DeviceRecord Device);
}
