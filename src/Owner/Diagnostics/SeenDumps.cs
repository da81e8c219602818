using System.Globalization;
using System.Text;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Diagnostics;

namespace Keywright.Owner.Diagnostics;

/// <summary>
/// The register of whole dumps (docs/spec/diagnostics.md §5): the file "seen-dumps", a line each, CHIP BOOT
/// NUMBER H(end) SECONDS-SINCE-1970, appended and durable. A last line that a power cut tore is dropped.
/// </summary>
public sealed class SeenDumps(string folder)
{
    private const string FileName = "seen-dumps";

    /// <summary>
    /// Enters a dump that has passed, and tells how it was met. Throws <see cref="IOException"/> when the
    /// register is in use or is not one.
    /// </summary>
    public Sighting Enter(Verified<Dump> end, DateTimeOffset now)
    {
        using var file = new FileStream(
            Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var place = PlaceOf(end.Content);
        var digest = end.Digest.ToString();
        var there = Read(file).Where(entry => entry.Place == place).ToList();
        if (there.Find(entry => entry.Digest == digest) is { } before)
        {
            return new Sighting(
                there.Count > 1 ? SightingKind.Contradiction : SightingKind.Again, Time(before.Seconds));
        }

        var line = string.Create(
            CultureInfo.InvariantCulture, $"{place} {digest} {now.ToUnixTimeSeconds()}\n");
        file.Write(Encoding.ASCII.GetBytes(line));
        file.Flush(flushToDisk: true);
        return there.Count == 0
            ? new Sighting(SightingKind.First, now)
            : new Sighting(SightingKind.Contradiction, Time(there[0].Seconds));
    }

    private static string PlaceOf(Dump end) => string.Create(
        CultureInfo.InvariantCulture, $"{end.Place.Chip} {end.Place.Boot} {end.Place.Number}");

    private static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static List<Entry> Read(FileStream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        file.SetLength(whole);
        file.Position = whole;
        return [.. Encoding.ASCII.GetString(bytes, 0, whole)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Entry.Parse(line, file.Name))];
    }

    private sealed record Entry(string Place, string Digest, long Seconds)
    {
        private const long MaxSeconds = 253_402_300_799;

        public static Entry Parse(string line, string path)
        {
            var words = line.Split(' ');
            return words.Length == 5
                && long.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds <= MaxSeconds
                    ? new Entry(string.Join(' ', words[..3]), words[3], seconds)
                    : throw new IOException($"{path} has a line that is not one of its own: {line}");
        }
    }
}

/// <summary>How a dump was met.</summary>
/// <param name="Kind">Whether it was seen before.</param>
/// <param name="Since">When the first dump of this place was opened; for a first one, now.</param>
public sealed record Sighting(SightingKind Kind, DateTimeOffset Since);

/// <summary>Whether a dump was seen before.</summary>
public enum SightingKind
{
    /// <summary>No dump of this place was opened before.</summary>
    First = 1,

    /// <summary>This very dump was: a replay, or opened twice.</summary>
    Again = 2,

    /// <summary>
    /// Another dump of this place was: two chips sign with one identity, or a chip went back in time. An
    /// alarm.
    /// </summary>
    Contradiction = 3,
}
