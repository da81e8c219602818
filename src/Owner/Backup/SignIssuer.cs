using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;

namespace Keywright.Owner.Backup;

/// <summary>
/// The OEM says which key issues identity certificates for a product, and which log proves its backups
/// (docs/spec/backup.md §2).
/// </summary>
public static class SignIssuer
{
    /// <summary>Refusals: Malformed, TooLarge (a field that no reader would take).</summary>
    public static Outcome<Verified<Issuer>> Run(
        PublicKey issuing, string product, LogKey log, SigningKey orderKey)
    {
        var signed = Message.Sign(new Issuer(issuing, product, log.ToString()), orderKey);
        return Message.Parse<Issuer>(signed.Bytes).Refused(out _, out var why) ? why : signed;
    }
}
