using System.Globalization;
using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Opening.KeyDownload;

namespace Keywright.Device.KeyDownload;

/// <summary>
/// Command "import-key": stores the application key that the input "import-key" brings, and emits
/// "acknowledgement" (docs/spec/keydownload.md §5, §7.2). All is verified before anything is stored; key,
/// used-up challenge and the answer to the same command again go into one commit. Refusals: WrongLifecycle,
/// MissingInput, those of <see cref="ImportKey.Parse"/>, of <see cref="UnitSecrets"/> and of
/// <see cref="DownloadOpener"/>, ProofDue, StoreFull.
/// </summary>
internal static class ImportApplicationKey
{
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (UnitState.RefusedBy(chip) is { } stage)
        {
            return stage;
        }

        if (new Inputs(host).Take("import-key", ImportKey.MaxSize).Refused(out var bytes, out var missing))
        {
            return missing;
        }

        if (ImportKey.Parse(bytes).Refused(out var command, out var malformed))
        {
            return malformed;
        }

        if (UnitState.Of(chip).Refused(out var state, out var damaged))
        {
            return damaged;
        }

        var digest = Digest.Of(bytes);
        if (state.AnswerTo(digest) is { } answer)
        {
            host.Emit("acknowledgement", answer.Span);
            return null;
        }

        if (Open(chip, state, command).Refused(out var received, out var why))
        {
            return why;
        }

        using (received)
        {
            return Store(chip, host, received, digest);
        }
    }

    private static Outcome<ReceivedKey> Open(ChipState chip, UnitState state, ImportKey command)
    {
        if (UnitSecrets.Open(chip).Refused(out var secrets, out var why))
        {
            return why;
        }

        using (secrets)
        {
            return DownloadOpener.Open(
                secrets.Unit, UnitState.SerialOf(chip), state.Challenge, secrets.Slots, command);
        }
    }

    private static Refusal? Store(ChipState chip, IChipHost host, ReceivedKey received, Digest command)
    {
        var slot = received.Slot;
        var acknowledgement = received.Acknowledgement.Encode();
        var attributes = new KeyAttributes($"{slot.Usage}{slot.Mode}N", "AES", (uint)slot.MinimumVersion);
        using var draft = chip.KeyStore.Draft();
        if (draft.Put(HandleOf(slot.Ref2), attributes, received.Key.Expose()) is { } misfit)
        {
            return misfit;
        }

        var number = chip.Monotonic.Challenges + 1;
        using var transaction = chip.Journal.Begin();
        var state = UnitState.Imported(number, command, acknowledgement);
        var refused = chip.KeyStore.Stage(draft, transaction)
            ?? transaction.Put(UnitState.ObjectName, state.Encode());
        if (refused is not null)
        {
            return refused;
        }

        // The challenge is used up in monotonic memory too: an older flash does not bring it back.
        transaction.Then(MonotonicUpdate.Challenged(number));
        transaction.Commit();
        host.Emit("acknowledgement", acknowledgement);
        return null;
    }

    internal static KeyHandle HandleOf(uint ref2) =>
        new(KeyKind.Application, ref2.ToString(CultureInfo.InvariantCulture));
}
