using Keywright.Device.Chip;
using Keywright.Device.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.Device.Firmware;

/// <summary>
/// Commands "install" and "decline" (docs/spec/delivery.md §9.3): inputs "grant", "module" and "bodies" (the
/// sealed bodies, one behind the other). "install" writes programs and Done in one switch and emits "done".
/// "decline" closes a Grant whose module this device can never take; it needs no bodies.
/// </summary>
internal static class InstallGranted
{
    /// <summary>
    /// Order of checks: claim open, grant, manifest, module, then each body and its digest.
    /// Refusals: NoClaimOpen, ResumeDue, BadMac, WrongClaim, WrongGrant, those of <see cref="JudgeModule"/>,
    /// MissingInput, BadSeal, BodyMismatch, StoreFull.
    /// </summary>
    public static Refusal? Run(ChipState chip, IChipHost host)
    {
        if (DeliveryPlace.Opened(chip).Refused(out var open, out var why))
        {
            return why;
        }

        using (open)
        {
            if (Granted(host, open).Refused(out var granted, out var wrong))
            {
                return wrong;
            }

            if (JudgeModule.Judge(chip, granted.Manifest).Refused(out var module, out var unfit))
            {
                return unfit;
            }

            using var root = BodyRoot.Of(open.Key, granted.Grant.Content.SiteRandom.Span);
            using var transaction = chip.Journal.Begin();
            return WriteBodies(transaction, host, module, root, open.Claim.Digest)
                ?? InstallModule.StageTable(transaction, module)
                ?? Close(transaction, host, open, granted, DeliveryResult.Installed, module.Afterwards);
        }
    }

    /// <summary>
    /// Refusals: those of "install" up to the manifest; WrongGrant (the module fits); BadSeal,
    /// WrongLifecycle, WrongIdentity (the fault is not the module's).
    /// </summary>
    public static Refusal? Decline(ChipState chip, IChipHost host)
    {
        if (DeliveryPlace.Opened(chip).Refused(out var open, out var why))
        {
            return why;
        }

        using (open)
        {
            if (Granted(host, open).Refused(out var granted, out var wrong))
            {
                return wrong;
            }

            if (!JudgeModule.Judge(chip, granted.Manifest).Refused(out _, out var unfit))
            {
                return new Refusal(Reason.WrongGrant, "this device can take the module: install it");
            }

            if (!JudgeModule.IsFinal(unfit))
            {
                return unfit;
            }

            if (InstalledPrograms.Of(chip).Refused(out var installed, out var damaged))
            {
                return damaged;
            }

            using var transaction = chip.Journal.Begin();
            return Close(transaction, host, open, granted, DeliveryResult.Declined, installed);
        }
    }

    private static Outcome<GrantedModule> Granted(IChipHost host, OpenClaim open)
    {
        if (new Inputs(host).Take("grant", Grant.Type.MaxSizeBytes).Refused(out var bytes, out var missing))
        {
            return missing;
        }

        if (Message.Parse<Grant>(bytes).Refused(out var parsed, out var malformed))
        {
            return malformed;
        }

        using var mac = DeliveryKeys.Grant(open.Key);
        if (parsed.VerifyMac(mac).Refused(out var grant, out var forged))
        {
            return forged;
        }

        if (grant.Content.Claim != open.Claim.Digest || grant.Content.Number != open.Claim.Content.Number)
        {
            return new Refusal(Reason.WrongClaim, "a Grant for another claim");
        }

        if (new Inputs(host).Take("module", Module.Type.MaxSizeBytes)
            .Refused(out var manifest, out var noModule))
        {
            return noModule;
        }

        return Digest.Of(manifest) == grant.Content.Manifest
            ? new GrantedModule(grant, manifest)
            : new Refusal(Reason.WrongGrant, "not the module that was granted");
    }

    private static Refusal? WriteBodies(
        Transaction transaction, IChipHost host, AcceptedModule module, BodyRoot root, Digest claim)
    {
        var start = 0L;
        foreach (var (index, program) in module.Module.Programs.Index())
        {
            using var key = root.Key(claim, module.Manifest, index);
            var source = new SealedBody(host, start, BodyRoot.Context(module.Manifest, index), key);
            if (InstallModule.WriteProgram(transaction, module.Module.Owner, program, source) is { } why)
            {
                return why;
            }

            start += BodyShape.SealedSizeOf(program.Size);
        }

        return null;
    }

    private static Refusal? Close(
        Transaction transaction,
        IChipHost host,
        OpenClaim open,
        GrantedModule granted,
        DeliveryResult result,
        InstalledPrograms installed)
    {
        var done = new Done
        {
            Grant = granted.Grant.Digest,
            Number = granted.Grant.Content.Number,
            Result = result,
            Installed = installed.Told(),
        };
        using var mac = DeliveryKeys.Done(open.Key);
        var message = Message.Mac(done, mac);
        if (DeliveryPlace.StageClosing(
            transaction, done.Number, message.Digest, message.Bytes.Span) is { } full)
        {
            return full;
        }

        transaction.Commit();
        host.Emit("done", message.Bytes.Span);
        return null;
    }

    private sealed record GrantedModule(Verified<Grant> Grant, ReadOnlyMemory<byte> Manifest);
}
