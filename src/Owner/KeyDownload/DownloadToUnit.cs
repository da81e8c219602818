using System.Buffers.Binary;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Owner.KeyDownload;

/// <summary>
/// Brings an application key to one unit that is at hand: challenge, EXPORT KEY, IMPORT KEY, acknowledgement.
/// After a crash anywhere it goes on: a unit that has acknowledged is left alone, and an answer that may not
/// have arrived is brought again before a new one is asked for. Refusals: WrongChip (another unit is
/// connected), and those of the four steps.
/// </summary>
public static class DownloadToUnit
{
    public static Outcome<SamDownload> Run(Sam sam, uint ref1, SerialNumber serial, IChip unit)
    {
        if (sam.State.LastOf(serial, ref1) is { } last)
        {
            if (last.Acknowledged)
            {
                return last;
            }

            if (Bring(sam, last.Answer, unit).Refused(out var arrived, out var why) && !IsOutdated(why))
            {
                return why;
            }

            if (arrived is not null)
            {
                return arrived;
            }
        }

        return Ask(unit, ref1, serial).Refused(out var request, out var refused)
            || ExportKeyToUnit.Run(sam, request).Refused(out var answer, out refused)
            ? refused
            : Bring(sam, answer, unit);
    }

    /// <summary>The unit has meanwhile drawn another challenge, or lost this one.</summary>
    private static bool IsOutdated(Refusal why) =>
        why.Reason is Reason.NoChallenge or Reason.BadKeyBlock or Reason.WrongReference;

    private static Outcome<byte[]> Ask(IChip unit, uint ref1, SerialNumber serial)
    {
        var name = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(name, ref1);
        var host = new MemoryHost().With("ref1", name);
        if (unit.Execute("challenge", host) is { } refused)
        {
            return refused;
        }

        var request = host.Emitted("export-key");
        if (ExportKey.Parse(request).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        return parsed.Serial == serial
            ? request
            : new Refusal(Reason.WrongChip, $"unit {parsed.Serial} is connected, not {serial}");
    }

    private static Outcome<SamDownload> Bring(Sam sam, ImportKey answer, IChip unit)
    {
        var host = new MemoryHost().With("import-key", answer.Encode());
        return unit.Execute("import-key", host) is { } refused
            ? refused
            : ConfirmAcknowledgement.Run(sam, host.Emitted("acknowledgement"));
    }
}
