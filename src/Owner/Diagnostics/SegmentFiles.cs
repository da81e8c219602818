using System.Globalization;
using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;

namespace Keywright.Owner.Diagnostics;

/// <summary>
/// The files of one dump while it is being opened: "….opening" until the verdict, then durable under their
/// names, or gone. The name has part of H(EN), so that no other dump, forged or real, takes the place of
/// one that was kept.
/// </summary>
internal sealed class SegmentFiles(string folder) : IDisposable
{
    private const int EnvelopeDigits = 16;
    private const UnixFileMode ForThisUser = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<Opening> opened = [];

    /// <summary>The file for a segment that turned out to be the owner's.</summary>
    public Stream Begin(int segment, SegmentHead head)
    {
        var envelope = Digest.Of(head.Envelope.Span).ToString()[..EnvelopeDigits];
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.None,
        };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, ForThisUser | UnixFileMode.UserExecute);
            options.UnixCreateMode = ForThisUser;
        }

        var path = Path.Combine(folder, $"{envelope}.{segment}.opening");
        var stream = new FileStream(path, options);
        opened.Add(new Opening(segment, envelope, path, stream));
        return stream;
    }

    /// <summary>The end has passed: each gets the name of what it is.</summary>
    public IReadOnlyList<SegmentFile> KeepWhole(Dump end)
    {
        var kept = new List<SegmentFile>();
        foreach (var each in opened)
        {
            var stem = StemOf(end.Place, each);
            var size = each.Close();
            var path = $"{stem}.{EndingOf(end.Segments[each.Segment].Kind)}";
            File.Move(each.Path, path, overwrite: true);
            File.Delete($"{stem}.partial");
            kept.Add(new SegmentFile(each.Segment, path, size));
        }

        return kept;
    }

    /// <summary>
    /// The end is missing: a longer beginning of the same segment that was kept before stays.
    /// </summary>
    public IReadOnlyList<SegmentFile> KeepPartial(DumpPlace place)
    {
        var kept = new List<SegmentFile>();
        foreach (var each in opened)
        {
            var partial = new FileInfo($"{StemOf(place, each)}.partial");
            var size = each.Close();
            if (!partial.Exists || partial.Length < size)
            {
                File.Move(each.Path, partial.FullName, overwrite: true);
            }

            partial.Refresh();
            kept.Add(new SegmentFile(each.Segment, partial.FullName, partial.Length));
        }

        return kept;
    }

    /// <summary>What was not kept goes.</summary>
    public void Dispose()
    {
        foreach (var each in opened)
        {
            each.Stream.Dispose();
            File.Delete(each.Path);
        }
    }

    private string StemOf(DumpPlace place, Opening file) => Path.Combine(
        folder,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{place.Chip}-{place.Boot}-{place.Number}-{file.Envelope}.{file.Segment}"));

    private static string EndingOf(DumpKind kind) => kind switch
    {
        DumpKind.ElfCore => "core",
        DumpKind.Trace => "trace",
        DumpKind.Registers => "registers",
        DumpKind.History => "history",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private sealed record Opening(int Segment, string Envelope, string Path, FileStream Stream)
    {
        /// <summary>Makes it durable; its size.</summary>
        public long Close()
        {
            Stream.Flush(flushToDisk: true);
            var size = Stream.Length;
            Stream.Dispose();
            return size;
        }
    }
}
