using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Firmware;

/// <summary>Whether this device takes a module (docs/spec/module.md §4).</summary>
internal static class JudgeModule
{
    // What a commit needs beside the programs: the table and the closing message.
    private const int SparePages = 6;

    /// <summary>
    /// Order of checks: message, owner's trust anchor, signature, product and device type, requirements,
    /// sequence, room.
    /// Refusals: those of parsing, ForeignModule, BadSignature, PredecessorMissing, Rollback, StoreFull.
    /// </summary>
    public static Outcome<AcceptedModule> Judge(ChipState chip, ReadOnlyMemory<byte> manifest)
    {
        if (Message.Parse<Module>(manifest).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        if (AnchorOf(chip, parsed.Claimed.Owner) is not { } owner)
        {
            return new Refusal(Reason.ForeignModule, $"no trust anchor for owner {parsed.Claimed.Owner}");
        }

        if (parsed.VerifySignature(owner).Refused(out var module, out var forged))
        {
            return forged;
        }

        if (Nameplate.Of(chip).Refused(out var nameplate, out var nobody))
        {
            return nobody;
        }

        if (InstalledPrograms.Of(chip).Refused(out var installed, out var damaged))
        {
            return damaged;
        }

        return Unfit(chip, module.Content, nameplate, installed) is { } why
            ? why
            : new AcceptedModule(module.Content, module.Digest, installed.With(module.Content));
    }

    /// <summary>True when the module itself is what this device refuses: to try again is no use.</summary>
    public static bool IsFinal(Refusal refusal) =>
        refusal.Reason is not (Reason.BadSeal or Reason.WrongLifecycle or Reason.WrongIdentity);

    private static Refusal? Unfit(
        ChipState chip, Module module, Nameplate device, InstalledPrograms installed)
    {
        if (module.Product != device.Product || !module.IsFor(device.DeviceType, device.Device))
        {
            return new Refusal(
                Reason.ForeignModule,
                $"made for {module.Product}, not for this {device.Product} {device.DeviceType}");
        }

        foreach (var need in module.Requires)
        {
            if (!(installed.Find(module.Owner, need.Program)?.Sequence >= need.Sequence))
            {
                return new Refusal(
                    Reason.PredecessorMissing, $"{need.Program} must stand at {need.Sequence} or later");
            }
        }

        foreach (var program in module.Programs)
        {
            var minimum = chip.Monotonic.MinimumSequenceOf(module.Owner, program.Name);
            if (module.Sequence < minimum)
            {
                return new Refusal(
                    Reason.Rollback,
                    $"{program.Name} at sequence {module.Sequence}, this device runs {minimum} or later");
            }
        }

        return Room(chip, module, installed);
    }

    private static Refusal? Room(ChipState chip, Module module, InstalledPrograms installed)
    {
        var afterwards = installed.With(module);
        if (afterwards.Programs.Count > Installed.MaxCount || afterwards.Keys.Count > Installed.MaxCount
            || afterwards.Programs.Select(each => (each.Owner, each.Program.Name)).Concat(
                chip.Monotonic.Sequences.Select(each => (each.Owner, each.Program))).Distinct().Count()
                > MonotonicState.MaxSequences)
        {
            return new Refusal(Reason.StoreFull, "more programs or keys than this device can hold");
        }

        var page = chip.Journal.PageContent;
        var needed = module.Programs.Sum(program => RoundUp(program.Size, page)) + (SparePages * page);
        if (needed > chip.Journal.FreeBytes)
        {
            return new Refusal(Reason.StoreFull, $"{module.Size} bytes, {chip.Journal.FreeBytes} are free");
        }

        return afterwards.Programs.DistinctBy(each => each.ObjectName).Count() == afterwards.Programs.Count
            ? null
            : new Refusal(Reason.ForeignModule, "another owner's program has this place");
    }

    private static long RoundUp(long size, int page) => (size + page - 1) / page * page;

    private static PublicKey? AnchorOf(ChipState chip, Digest owner)
    {
        foreach (var anchor in chip.KeyStore.Keys.Where(key => key.Handle.Kind == KeyKind.TrustAnchor))
        {
            var bytes = chip.KeyStore.ReadTrustAnchor(anchor.Handle.Name).OrThrow();
            if (Digest.Of(bytes) == owner && !PublicKey.Parse(bytes).Refused(out var key, out _))
            {
                return key;
            }
        }

        return null;
    }
}

/// <summary>A module that this device takes, and what stands on the device afterwards.</summary>
internal sealed record AcceptedModule(Module Module, Digest Manifest, InstalledPrograms Afterwards);
