using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;

namespace Keywright.Site.Backup;

/// <summary>
/// Gives the nonce for which a chip proves possession of its keys (docs/spec/backup.md §3). One is open for a
/// chip at a time; another one takes its place.
/// </summary>
public sealed class ChallengeChip(
    IChipRegister chips, ICertificateRegister certificates, IEntropy entropy, TimeProvider time)
{
    /// <summary>The nonce, 16 bytes. Refusals: UnknownChip.</summary>
    public Outcome<byte[]> Open(ChipId chip)
    {
        if (chips.FindChip(chip) is null)
        {
            return new Refusal(Reason.UnknownChip, $"chip {chip} was never counted");
        }

        var nonce = new byte[Possession.NonceSize];
        entropy.Fill(nonce);
        certificates.OpenNonce(chip, nonce, time.GetUtcNow());
        return nonce;
    }
}
