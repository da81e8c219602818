using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Backup;

/// <summary>
/// The device's certificate with what leads to it from the OEM digest in monotonic memory: the object
/// "certificate" in flash, CBOR [order key, Issuer, Certificate] (docs/spec/backup.md §4.3).
/// </summary>
internal sealed record Credential(CertificateChain Chain, Verified<Certificate> Certificate)
{
    public const string ObjectName = "certificate";

    /// <summary>The largest Issuer or Certificate that is read from a host.</summary>
    public const int MaxInputBytes = 2048;

    /// <summary>
    /// Judges order key, Issuer and Certificate for this chip (§4.2). Refusals, in this order:
    /// WrongLifecycle; those of <see cref="CertificateChain.Judge"/>; those of the certificate's form;
    /// WrongChip (another chip ID); WrongIdentity; BadSignature; BrokenChain (another product than the
    /// Issuer's); WrongChip (not the keys of this chip).
    /// </summary>
    public static Outcome<Credential> Judge(
        ChipState chip,
        ReadOnlyMemory<byte> orderKey,
        ReadOnlyMemory<byte> issuer,
        ReadOnlyMemory<byte> certificate)
    {
        if (chip.Monotonic.Owner is not { } oem || chip.Monotonic.Identity is not { } identity)
        {
            return new Refusal(Reason.WrongLifecycle, "the chip has no owner or no device identity yet");
        }

        if (CertificateChain.Judge(oem, orderKey.Span, issuer).Refused(out var chain, out var why)
            || Message.Parse<Certificate>(certificate).Refused(out var claimed, out why))
        {
            return why;
        }

        if (claimed.Claimed.Chip != chip.Immutable.ChipId)
        {
            return new Refusal(Reason.WrongChip, $"a certificate of chip {claimed.Claimed.Chip}");
        }

        if (claimed.Claimed.Device.Hash() != identity)
        {
            return new Refusal(Reason.WrongIdentity, $"a certificate for {claimed.Claimed.Device}");
        }

        if (chain.Verify(claimed).Refused(out var verified, out why))
        {
            return why;
        }

        return NamesOwnKeys(chip.Keys, verified.Content)
            ? new Credential(chain, verified)
            : new Refusal(Reason.WrongChip, "a certificate for keys of another chip");
    }

    /// <summary>
    /// The one in flash, judged again. Refusals: WrongLifecycle when there is none, and those of Judge.
    /// </summary>
    public static Outcome<Credential> Of(ChipState chip)
    {
        if (chip.Journal.ReadAll(ObjectName).Refused(out var stored, out var why))
        {
            return why.Reason == Reason.UnknownEntry
                ? new Refusal(Reason.WrongLifecycle, "no certificate yet, or the flash was lost")
                : why;
        }

        var reader = new CborReader(stored);
        reader.Array(3, 3);
        var orderKey = reader.Bytes(PublicKey.Size).ToArray();
        var issuer = reader.Bytes(1, MaxInputBytes).ToArray();
        var certificate = reader.Bytes(1, MaxInputBytes).ToArray();
        reader.EndArray();
        return reader.Finish() is { } malformed ? malformed : Judge(chip, orderKey, issuer, certificate);
    }

    /// <summary>The bytes of the object.</summary>
    public byte[] Encode() =>
        CborItem.Array(Chain.OrderKey.Bytes.ToArray(), Chain.Issuer.Bytes, Certificate.Bytes);

    private static bool NamesOwnKeys(ChipKeys keys, Certificate certificate) =>
        certificate.Identity.Equals(keys.Identity.Public)
        && certificate.Tls.Equals(keys.Tls.Public)
        && certificate.Kem.Equals(keys.Kem.Public);
}

/// <summary>What stands in flash already.</summary>
internal static class Stored
{
    /// <summary>True when the object is there with just these bytes.</summary>
    public static bool Same(CommitJournal journal, string name, ReadOnlySpan<byte> content) =>
        !journal.ReadAll(name).Refused(out var held, out _) && held.AsSpan().SequenceEqual(content);
}
