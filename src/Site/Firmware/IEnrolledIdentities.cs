using Keywright.Protocol;
using Keywright.Protocol.Keys;

namespace Keywright.Site.Firmware;

/// <summary>
/// The identity keys that certificates enrolled: from then on such a device signs its claims.
/// </summary>
public interface IEnrolledIdentities
{
    /// <summary>The enrolled key of a chip; null when none is.</summary>
    PublicKey? IdentityOf(ChipId chip);

    /// <summary>
    /// Enrols the key of an issued certificate. A chip's key never changes: the same again changes nothing.
    /// </summary>
    void Enrol(ChipId chip, PublicKey identity, DateTimeOffset now);
}
