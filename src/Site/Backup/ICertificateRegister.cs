using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Site.Backup;

/// <summary>The certificates that the site issued: one for a chip, one for a device ID, for ever.</summary>
public interface ICertificateRegister
{
    /// <summary>The certificate of a chip; null when none was issued.</summary>
    IssuedCertificate? Find(ChipId chip);

    /// <summary>Opens a nonce for a chip, in place of any that was open.</summary>
    void OpenNonce(ChipId chip, ReadOnlySpan<byte> nonce, DateTimeOffset at);

    /// <summary>
    /// Keeps a certificate and closes its nonce: both or neither, and only when the nonce is open for the
    /// chip and neither the chip nor the device ID has a certificate.
    /// </summary>
    CertificateWrite Keep(IssuedCertificate certificate, ReadOnlySpan<byte> nonce, DateTimeOffset at);
}

/// <summary>What became of a certificate that was to be kept.</summary>
public enum CertificateWrite
{
    /// <summary>It is durable.</summary>
    Kept,

    /// <summary>The nonce is not the one that is open for the chip.</summary>
    NonceNotOpen,

    /// <summary>The chip has a certificate by now.</summary>
    ChipHasOne,

    /// <summary>The device ID has a certificate, with another chip.</summary>
    DeviceHasOne,
}

/// <summary>A certificate as it was signed, with the keys that it names.</summary>
/// <param name="Chip">Its chip.</param>
/// <param name="Device">The device ID in it.</param>
/// <param name="Identity">Verifies what the chip signs.</param>
/// <param name="Tls">The key of its TLS certificate.</param>
/// <param name="Kem">Seals to it.</param>
/// <param name="Bytes">The message.</param>
public sealed record IssuedCertificate(
    ChipId Chip,
    DeviceId Device,
    PublicKey Identity,
    PublicKey Tls,
    HpkePublicKey Kem,
    ReadOnlyMemory<byte> Bytes);
