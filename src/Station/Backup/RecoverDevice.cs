using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Station.Backup;

/// <summary>Public files of one backup: what a chip needs to recover, and nothing secret.</summary>
public sealed record PublicBackup(
    ReadOnlyMemory<byte> Entry,
    ReadOnlyMemory<byte> Proof,
    ReadOnlyMemory<byte> Issuer,
    ReadOnlyMemory<byte> OrderKey);

/// <summary>Where backups are found: the directory, a mirror, or files that the owner kept.</summary>
public interface IBackupSource
{
    /// <summary>The newest backup of a chip.</summary>
    Outcome<PublicBackup> Newest(ChipId chip);
}

/// <summary>
/// Gives a device that lost its flash its keys and identity back (docs/spec/backup.md §9). Anyone who holds
/// the device can: it takes no site, no station's credential and no secret.
/// </summary>
public sealed class RecoverDevice(IBackupSource backups)
{
    /// <summary>
    /// Null when the device is recovered, or needed nothing; else the chip's or the source's refusal.
    /// </summary>
    public Refusal? Run(IChip chip)
    {
        var identification = new MemoryHost();
        if (chip.Execute("identify", identification) is { } mute)
        {
            return mute;
        }

        if (ChipFacts.Parse(identification.Emitted("facts")).Refused(out var facts, out var why)
            || backups.Newest(facts.ChipId).Refused(out var backup, out why))
        {
            return why;
        }

        var recovery = new MemoryHost()
            .With("entry", backup.Entry)
            .With("proof", backup.Proof)
            .With("issuer", backup.Issuer)
            .With("order-key", backup.OrderKey);
        return chip.Execute("recover", recovery);
    }
}
