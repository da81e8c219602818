using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Fuzz.Targets;

/// <summary>
/// A chip that takes commands. It is set back after whatever changes it, and a refusal that leaves something
/// changed in the registers or in flash is thrown as a fault.
/// </summary>
internal sealed class AttackedChip(SoftChip origin) : IDisposable
{
    // A larger object does not fit into the flash beside itself: the chip is set back first.
    private const int RoomForTwo = 2048;

    private BootedDevice? booted;

    /// <summary>Puts an object into flash, as the chip itself seals it, then runs a command that reads it.</summary>
    public Answer RunOver(string name, byte[] content, string command, MemoryHost host)
    {
        if (content.Length > RoomForTwo)
        {
            Dispose();
        }

        Boot();
        using (var transaction = booted!.State.Journal.Begin())
        {
            if (transaction.Put(name, content) is { } full)
            {
                return full;
            }

            transaction.Commit();
        }

        return Run(command, host);
    }

    /// <summary>Runs a command.</summary>
    public Answer Run(string command, MemoryHost host)
    {
        Boot();
        var (sequence, registers) = (booted!.State.Journal.Sequence, booted.State.Monotonic);
        Refusal? refused = null;
        try
        {
            refused = booted.Execute(command, host);
        }
        finally
        {
            if (refused is null)
            {
                Dispose();
            }
        }

        if (refused is null)
        {
            return Answer.Accepted;
        }

        return booted.State.Journal.Sequence == sequence && ReferenceEquals(booted.State.Monotonic, registers)
            ? refused
            : throw new InvalidOperationException($"refused ({refused}), and something has changed");
    }

    /// <summary>Sets it back.</summary>
    public void Dispose()
    {
        booted?.Dispose();
        booted = null;
    }

    private void Boot() => booted ??= BootedDevice.Boot(origin.Snapshot());
}
