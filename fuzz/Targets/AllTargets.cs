namespace Keywright.Fuzz.Targets;

/// <summary>Everything that is attacked.</summary>
public static class AllTargets
{
    /// <summary>Targets of one core's own.</summary>
    public static IReadOnlyList<Target> Make() =>
    [
        .. SignedMessages.Targets,
        .. InContext.Targets,
        .. Plain.Targets,
        .. Resealed.Targets,
        .. ImageFiles.Targets,
        .. ChipCommands.Targets,
        .. ChipLife.Targets,
        .. DirectoryFiles.Targets,
        .. new LocalFiles().Targets,
    ];
}
