using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Sealing.Diagnostics;

namespace Keywright.Device.Diagnostics;

/// <summary>
/// Command "dump" (docs/spec/diagnostics.md §6): seals the input "content" for the owner of the program
/// that the input "request" names, under the key that was filed with it, and emits "dump", 16 KiB in memory
/// at a time.
/// </summary>
internal static class CollectDump
{
    /// <summary>
    /// Refusals: MissingInput, TooLarge, Malformed, WrongVersion, WrongLifecycle, WrongIdentity, BadSeal,
    /// UnknownProgram, UnknownKey; MissingInput also where the content is not as long as it was said: then
    /// no end is emitted.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (Read(host).Refused(out var request, out var why))
        {
            return why;
        }

        if (Nameplate.Of(chip).Refused(out var device, out why))
        {
            return why;
        }

        if (FiledKey(chip, request).Refused(out var filed, out why))
        {
            return why;
        }

        var place = new DumpPlace(chip.Immutable.ChipId, chip.Monotonic.Boots, chip.NextDump());
        var sealer = new DumpSealer(place, chip.Entropy, bytes => host.Emit("dump", bytes));
        var content = new Content(host);
        var size = sealer.Add(filed.Program, request.Kind, [filed.Key.Public], content.Next);
        if (size != content.Announced && content.Announced != long.MaxValue)
        {
            return new Refusal(Reason.MissingInput, $"{size} bytes of content, {content.Announced} were announced");
        }

        sealer.End(device.Device, request.Trigger, request.TimeSeconds, chip.Keys.Identity);
        return null;
    }

    private static Outcome<DumpRequest> Read(IChipHost host)
    {
        var inputs = new Inputs(host);
        if (inputs.Take("request", DumpRequest.MaxSizeBytes).Refused(out var encoded, out var missing))
        {
            return missing;
        }

        if (DumpRequest.Parse(encoded).Refused(out var request, out var malformed))
        {
            return malformed;
        }

        return host.SizeOf("content") < 0 ? new Refusal(Reason.MissingInput, "no content") : request;
    }

    private static Outcome<Filed> FiledKey(ChipState chip, DumpRequest request)
    {
        if (InstalledPrograms.Of(chip).Refused(out var installed, out var damaged))
        {
            return damaged;
        }

        if (installed.Find(request.Owner, request.Program) is not { } program)
        {
            return new Refusal(Reason.UnknownProgram, $"owner {request.Owner} has no {request.Program} here");
        }

        if (installed.KeyOf(program) is not { } key)
        {
            return new Refusal(Reason.UnknownKey, $"{request.Program} came without a diagnostics key");
        }

        var stated = program.Program;
        return new Filed(
            new DumpedProgram(program.Owner, stated.Hash, stated.Name, stated.Version, stated.BuildId), key.Key);
    }

    private sealed record Filed(DumpedProgram Program, ModuleKey Key);

    /// <summary>The input "content", pulled in order.</summary>
    private sealed class Content(IChipHost host)
    {
        private long offset;

        /// <summary>Its size as the host says it; long.MaxValue where the host does not know.</summary>
        public long Announced { get; } = host.SizeOf("content");

        public int Next(Span<byte> destination)
        {
            var count = host.Read("content", offset, destination);
            if (count <= 0 || count > destination.Length)
            {
                return 0;
            }

            offset += count;
            return count;
        }
    }
}
