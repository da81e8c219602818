using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Diagnostics;

namespace Keywright.Owner.Diagnostics;

/// <summary>
/// Opens a dump into files of a folder (docs/spec/diagnostics.md §4, §5), streaming. A segment becomes
/// CHIP-BOOT-NUMBER-EN16.I with the ending .core, .trace, .registers or .history only when the signed end
/// has passed; of an unfinished dump .partial files stay; of a refused one nothing. Whole dumps enter the
/// owner's register, whichever folder they are opened into.
/// </summary>
public static class OpenDump
{
    /// <summary>
    /// Opens with the owner's private keys of all epochs. Refusals: those of <see cref="DumpOpener.Open"/>.
    /// </summary>
    /// <param name="dump">The dump, from wherever it came.</param>
    /// <param name="keys">The owner's diagnostics keys, at least one.</param>
    /// <param name="chip">Whose dump it must be.</param>
    /// <param name="folder">For the plain contents; made for this user alone.</param>
    /// <param name="register">The folder of the register, the owner's own.</param>
    /// <param name="now">Goes into the register.</param>
    public static Outcome<DumpReport> Run(
        Stream dump,
        IReadOnlyList<HpkePrivateKey> keys,
        DumpingChip chip,
        string folder,
        string register,
        DateTimeOffset now)
    {
        using var files = new SegmentFiles(folder);
        if (DumpOpener.Open(dump, keys, chip, files.Begin).Refused(out var opened, out var why))
        {
            return why;
        }

        if (opened.Signed is not { } end)
        {
            return new DumpReport(opened, files.KeepPartial(opened.Place), null);
        }

        var kept = files.KeepWhole(end.Content);
        return new DumpReport(opened, kept, new SeenDumps(register).Enter(end, now));
    }
}

/// <summary>What became of a dump.</summary>
/// <param name="Dump">What it says; without a signed end nobody vouches for any of it.</param>
/// <param name="Files">The owner's segments.</param>
/// <param name="Sighting">Whether it was seen before; null for an unfinished one.</param>
public sealed record DumpReport(OpenedDump Dump, IReadOnlyList<SegmentFile> Files, Sighting? Sighting)
{
    /// <summary>True when the chip has signed that this is all of it.</summary>
    public bool IsWhole => Dump.Signed is not null;
}

/// <summary>The plain content of one segment.</summary>
/// <param name="Segment">Counted from 0.</param>
/// <param name="Path">The file.</param>
/// <param name="Size">Its size in bytes.</param>
public sealed record SegmentFile(int Segment, string Path, long Size);
