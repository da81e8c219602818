using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Station.Backup;

/// <summary>
/// Publishes the backup of a device's key store as it is now and shows the device the proof
/// (docs/spec/backup.md §6, §8): the last steps to the field, and due again after each later change of the
/// store. Taken again, every step has the same outcome.
/// </summary>
public sealed class PublishBackup(IPublisher directory)
{
    /// <summary>Null when the device was shown the proof; else the refusal of chip or directory.</summary>
    public Refusal? Run(IChip chip)
    {
        var backup = new MemoryHost();
        if (chip.Execute("backup", backup) is { } refused)
        {
            return refused;
        }

        return directory.Publish(backup.Emitted("entry")).Refused(out var proof, out var why)
            ? why
            : chip.Execute("show-proof", new MemoryHost().With("proof", proof));
    }
}
