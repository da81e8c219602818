using System.Globalization;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Protocol.Opening.KeyDownload;

/// <summary>
/// A downloaded key, judged fit for its slot; the caller stores it, uses the challenge up, acknowledges.
/// </summary>
/// <param name="Key">The key.</param>
/// <param name="Slot">Where it goes, its minimum version raised to that of the key.</param>
/// <param name="Acknowledgement">To be sent once the key is stored.</param>
public sealed record ReceivedKey(ApplicationKey Key, KeySlot Slot, Acknowledgement Acknowledgement)
    : IDisposable
{
    public void Dispose() => Key.Dispose();
}

/// <summary>Judges IMPORT KEY in a unit (docs/spec/keydownload.md §5).</summary>
public static class DownloadOpener
{
    /// <summary>
    /// Opens DATA for the slot named in the command. Refusals, in this order:
    /// <see cref="Reason.NoChallenge"/>; <see cref="Reason.WrongReference"/> for a slot that is not there;
    /// <see cref="Reason.BadKeyBlock"/> for its form; <see cref="Reason.WrongReference"/> for a block made
    /// for another unit, key or slot; <see cref="Reason.BadKeyBlock"/> for its MAC, also when it answers
    /// another challenge; <see cref="Reason.WrongUsage"/>; <see cref="Reason.OlderKey"/>. The operation key
    /// is erased in every case.
    /// </summary>
    public static Outcome<ReceivedKey> Open(
        UnitKey unit,
        SerialNumber serial,
        OutstandingChallenge? challenge,
        IEnumerable<KeySlot> slots,
        ImportKey command)
    {
        if (challenge is null)
        {
            return new Refusal(Reason.NoChallenge, "no challenge is out");
        }

        if (slots.FirstOrDefault(slot => slot.Ref2 == command.Ref2) is not { } slot)
        {
            return new Refusal(Reason.WrongReference, $"no slot {command.Ref2}");
        }

        if (KeyBlock.Parse(command.Data.Span).Refused(out var block, out var why))
        {
            return why;
        }

        var download = new Download(challenge.Random, challenge.Ref1, command.Ref2, serial);
        if (block.Header.Blocks is not [var references] || references != download.References())
        {
            return new Refusal(Reason.WrongReference, "a block for another unit, key or slot");
        }

        using var operation = download.KeyOf(unit);
        if (KeyBlockOpener.Open(operation, block).Refused(out var key, out why))
        {
            return why;
        }

        if (Judge(block.Header, slot).Refused(out var raised, out why))
        {
            key.Dispose();
            return why;
        }

        var data = Digest.Of(command.Data.Span);
        return new ReceivedKey(key, raised, Acknowledgement.Of(unit, serial, challenge.Random, data));
    }

    private static Outcome<KeySlot> Judge(KeyBlockHeader header, KeySlot slot)
    {
        if (header.Usage != slot.Usage || header.Mode != slot.Mode || header.Exportability != 'N')
        {
            return new Refusal(
                Reason.WrongUsage,
                $"{header.Usage}{header.Mode}{header.Exportability} for a slot of {slot.Usage}{slot.Mode}N");
        }

        var numbered = int.TryParse(
            header.KeyVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version);
        return numbered && version >= slot.MinimumVersion
            ? slot with { MinimumVersion = version }
            : new Refusal(Reason.OlderKey, $"version {header.KeyVersion}, below {slot.MinimumVersion}");
    }
}
