using Keywright.Protocol;
using Keywright.Protocol.Firmware;

namespace Keywright.Site.Firmware;

/// <summary>The conditions that a product combines (docs/spec/delivery.md §6.3).</summary>
[Flags]
public enum DeliveryConditions
{
    None = 0,

    /// <summary>A contract or warranty is in force.</summary>
    Contract = 1,

    /// <summary>Not delivered to this device before.</summary>
    Once = 2,

    /// <summary>Everything older that the device stands below has been delivered.</summary>
    Predecessors = 4,

    /// <summary>An operator has enabled it, for this device or for all.</summary>
    Enabled = 8,

    /// <summary>It is newer than what the device has.</summary>
    VersionOrder = 16,
}

/// <summary>Software in the archive: a verified module and its bytes.</summary>
public sealed record Software(Digest Manifest, Module Module, ReadOnlyMemory<byte> ManifestBytes);

/// <summary>What the site's books say of one device.</summary>
/// <param name="CoveredUntil">When contract or warranty ends; null: there is none.</param>
/// <param name="Delivered">Manifests of deliveries that this device confirmed as installed.</param>
/// <param name="Enabled">Manifests enabled for this device or for all.</param>
/// <param name="Declined">How often the device declined a manifest since it was last enabled.</param>
public sealed record DeviceStanding(
    DateTimeOffset? CoveredUntil,
    IReadOnlySet<Digest> Delivered,
    IReadOnlySet<Digest> Enabled,
    IReadOnlyDictionary<Digest, int> Declined);

/// <summary>
/// Which software a claim gets, or which condition says no: pure (docs/spec/delivery.md §6.3).
/// </summary>
public static class JudgeConditions
{
    /// <summary>
    /// How often one device may decline one module before an operator must enable it again.
    /// </summary>
    public const int MaxDeclined = 3;

    /// <summary>The software to grant; else the first condition that failed.</summary>
    public static (Software? Granted, FailedCondition? Failed) Judge(
        Claim claim,
        string deviceType,
        IReadOnlyList<Software> archive,
        DeliveryConditions conditions,
        DeviceStanding standing,
        DateTimeOffset now)
    {
        var fitting = archive
            .Where(software => software.Module.Product == claim.Product
                && software.Module.IsFor(deviceType, claim.Device))
            .ToList();
        if (Choose(claim, fitting) is not { } chosen)
        {
            return (null, FailedCondition.UnknownSoftware);
        }

        var failed = Failure(claim, chosen, fitting, conditions, standing, now);
        return (failed is null ? chosen : null, failed);
    }

    private static Software? Choose(Claim claim, List<Software> fitting) => claim.Manifest is { } wanted
        ? fitting.FirstOrDefault(software => software.Manifest == wanted)
        : fitting
            .OrderByDescending(software => software.Module.Devices.Count > 0)
            .ThenByDescending(software => software.Module.Sequence)
            .FirstOrDefault();

    private static FailedCondition? Failure(
        Claim claim,
        Software chosen,
        List<Software> fitting,
        DeliveryConditions conditions,
        DeviceStanding standing,
        DateTimeOffset now)
    {
        if (conditions.HasFlag(DeliveryConditions.Contract) && !(standing.CoveredUntil >= now))
        {
            return FailedCondition.NotUnderContract;
        }

        // A device that asks whether there is anything newer, and has the newest, is no clone.
        if (claim.Manifest is null && Stands(claim, chosen.Module))
        {
            return FailedCondition.OlderVersion;
        }

        if (conditions.HasFlag(DeliveryConditions.Once) && standing.Delivered.Contains(chosen.Manifest))
        {
            return FailedCondition.SecondDelivery;
        }

        if (MissesRequirement(claim, chosen.Module)
            || (conditions.HasFlag(DeliveryConditions.Predecessors)
                && fitting.Any(older => IsMissing(older, chosen, claim, standing))))
        {
            return FailedCondition.PredecessorMissing;
        }

        if ((conditions.HasFlag(DeliveryConditions.Enabled) && !standing.Enabled.Contains(chosen.Manifest))
            || standing.Declined.GetValueOrDefault(chosen.Manifest) >= MaxDeclined)
        {
            return FailedCondition.NotEnabled;
        }

        return conditions.HasFlag(DeliveryConditions.VersionOrder) && !IsNewer(claim, chosen.Module)
            ? FailedCondition.OlderVersion
            : null;
    }

    private static bool Stands(Claim claim, Module module) => module.Programs.All(program =>
        claim.Installed.Any(standing => standing.Owner == module.Owner
            && standing.Program == program.Name
            && standing.Sequence == module.Sequence
            && standing.Hash == program.Hash));

    private static bool MissesRequirement(Claim claim, Module module) =>
        module.Requires.Any(need => !(SequenceOn(claim, module.Owner, need.Program) >= need.Sequence));

    private static bool IsMissing(Software older, Software chosen, Claim claim, DeviceStanding standing) =>
        older.Module.Owner == chosen.Module.Owner
        && older.Module.Sequence < chosen.Module.Sequence
        && !standing.Delivered.Contains(older.Manifest)
        && older.Module.Programs.Any(program =>
            chosen.Module.Programs.Any(newer => newer.Name == program.Name)
            && !(SequenceOn(claim, older.Module.Owner, program.Name) >= older.Module.Sequence));

    private static bool IsNewer(Claim claim, Module module) =>
        module.Programs.All(program => !(SequenceOn(claim, module.Owner, program.Name) >= module.Sequence));

    private static ulong? SequenceOn(Claim claim, Digest owner, string program) =>
        claim.Installed
            .FirstOrDefault(standing => standing.Owner == owner && standing.Program == program)
            ?.Sequence;
}
