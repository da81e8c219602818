using Keywright.Protocol;
using Keywright.Protocol.Commands;

namespace Keywright.Device.Chip;

/// <summary>
/// A chip that has booted and takes commands, one at a time (docs/spec/chip.md §8). Any exception out of a
/// command, above all <see cref="PowerLostException"/>, stops it: boot again. After a refusal nothing has
/// changed in flash that is in use, nor in monotonic memory.
/// </summary>
public sealed class BootedDevice : IChip, IDisposable
{
    private const int MaxCommandShown = 32;

    private bool stopped;

    private BootedDevice(ChipState state) => State = state;

    /// <summary>The chip's state, for use cases and their tests.</summary>
    public ChipState State { get; }

    /// <summary>Boots. Throws <see cref="NoiseFailedException"/>, <see cref="PowerLostException"/>.</summary>
    public static BootedDevice Boot(ISilicon silicon) => new(ChipState.Boot(silicon));

    /// <summary>
    /// Runs a command. Refusals: UnknownCommand, StaleBackup (a recovery is needed first), and the command's
    /// own.
    /// </summary>
    public Refusal? Execute(string command, IChipHost host)
    {
        ObjectDisposedException.ThrowIf(stopped, this);
        if (!Commands.ByName.TryGetValue(command, out var found))
        {
            var shown = command.Length > MaxCommandShown ? command[..MaxCommandShown] : command;
            return new Refusal(Reason.UnknownCommand, $"no command {shown}");
        }

        if (State.KeyStore.RecoveryNeeded is { } needed && !found.InRecovery)
        {
            return needed;
        }

        stopped = true;
        var refusal = found.Run(State, host);
        stopped = false;
        return refusal;
    }

    /// <summary>Wipes all secrets in memory.</summary>
    public void Dispose()
    {
        stopped = true;
        State.Dispose();
    }
}
