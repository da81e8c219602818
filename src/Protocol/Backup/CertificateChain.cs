using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup;

/// <summary>
/// What leads from H(order key) to a certificate: the order key's 65 bytes and the Issuer that it signed
/// (docs/spec/backup.md §2). Chips, the site and the directory judge certificates with it, in one order.
/// </summary>
public sealed class CertificateChain
{
    private CertificateChain(PublicKey orderKey, Verified<Issuer> issuer)
    {
        OrderKey = orderKey;
        Issuer = issuer;
    }

    /// <summary>The OEM's order key.</summary>
    public PublicKey OrderKey { get; }

    /// <summary>The Issuer that it signed.</summary>
    public Verified<Issuer> Issuer { get; }

    /// <summary>
    /// Judges order key and Issuer against H(order key). Refusals, in this order: UnknownKey (not a key),
    /// BrokenChain (not the OEM's), those of <see cref="Message.Parse{T}"/>, BrokenChain (an Issuer not
    /// signed by the OEM).
    /// </summary>
    public static Outcome<CertificateChain> Judge(
        Digest oem, ReadOnlySpan<byte> orderKey, ReadOnlyMemory<byte> issuer)
    {
        if (PublicKey.Parse(orderKey).Refused(out var key, out var why))
        {
            return why;
        }

        if (key.Id != oem)
        {
            return new Refusal(Reason.BrokenChain, $"{key} is not the OEM's order key");
        }

        if (Message.Parse<Issuer>(issuer).Refused(out var claimed, out why))
        {
            return why;
        }

        return claimed.VerifySignature(key).Refused(out var verified, out why)
            ? why with { Reason = Reason.BrokenChain }
            : new CertificateChain(key, verified);
    }

    /// <summary>
    /// Judges a certificate by the issuing key, then its product by the Issuer's: one key may issue for
    /// several products. Refusals, in this order: BadSignature, BrokenChain (of another product).
    /// </summary>
    public Outcome<Verified<Certificate>> Verify(Unverified<Certificate> certificate)
    {
        if (certificate.VerifySignature(Issuer.Content.Issuing).Refused(out var verified, out var why))
        {
            return why;
        }

        var (product, mine) = (verified.Content.Product, Issuer.Content.Product);
        return product == mine
            ? verified
            : new Refusal(Reason.BrokenChain, $"a certificate for {product}, the Issuer is for {mine}");
    }
}
