using System.Globalization;
using System.Text;
using Keywright.Fuzz.Mutation;
using Keywright.Protocol;
using Keywright.Protocol.Images;

namespace Keywright.Fuzz.Targets;

/// <summary>Program files and zone plans. What is read is written and read again: the same image.</summary>
internal static class ImageFiles
{
    private static readonly Reason[] OfImage = [Reason.BadImage, Reason.TooLarge];

    public static IEnumerable<Target> Targets
    {
        get
        {
            var vectors = Vector.All("images");
            (string Name, byte[] Bytes)[] hex =
            [
                .. Texts(vectors, "intel-hex"),
                ("most-segments", MostSegments(IntelHex.Format)),
                ("too-many-segments", OneMore(IntelHex.Format, ":01FFF0005AB6\n:00000001FF\n")),
            ];
            yield return Of("intel-hex", hex, IntelHex.Format, seal: null);
            yield return Of("intel-hex/summed", hex, IntelHex.Format, file => WithChecksums(file, ":", sum => -sum));
            (string Name, byte[] Bytes)[] records =
            [
                .. Texts(vectors, "s-record"),
                ("most-segments", MostSegments(SRecord.Format)),
                ("too-many-segments", OneMore(SRecord.Format, "S104FFF05AB2\nS9030000FC\n")),
            ];
            yield return Of("s-record", records, SRecord.Format, seal: null);
            yield return Of("s-record/summed", records, SRecord.Format, file => WithChecksums(file, "S1", sum => ~sum));
            yield return Of(
                "elf",
                [
                    .. vectors.Where(it => it.Text("kind") == "elf").Select(it => (it.Name, it.Bytes("input"))),
                    ("bootloader", File.ReadAllBytes(Repository.PathTo("examples", "firmware", "bootloader.elf"))),
                ],
                new Elf(ElfTarget.Arm),
                seal: null) with
            { Change = ChangeElf, BaseBytes = 64 * 1024 };
            yield return new Target(
                "raw-image",
                [
                    new Seed("low", [1, 2, 3], Judge(new RawBinary(0))),
                    new Seed("high", [1, 2, 3], Judge(new RawBinary(uint.MaxValue - 64))),
                ],
                Reason.BadImage);
            var plans = vectors.Where(it => it.Text("kind") == "zone-plan").Select(it => (it.Name, Field: "input"))
                .Concat(vectors.Where(it => it.Text("kind") == "patch").Select(it => (it.Name, Field: "plan")))
                .Select(it => (it.Name, vectors.First(vector => vector.Name == it.Name).Fields.GetProperty(it.Field)));
            yield return new Target(
                "zone-plan",
                [.. plans.Select(it => new Seed(it.Name, Encoding.UTF8.GetBytes(it.Item2.GetRawText()), Plan))],
                Reason.Malformed,
                Reason.TooLarge,
                Reason.WrongVersion)
            {
                BaseBytes = 32 * 1024,
                BytesPerByte = 32,
            };
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Texts(IEnumerable<Vector> vectors, string kind) =>
        vectors.Where(it => it.Text("kind") == kind).Select(it => (it.Name, Encoding.UTF8.GetBytes(it.Text("input"))));

    private static Target Of(
        string name,
        IEnumerable<(string Name, byte[] Bytes)> files,
        ImageFormat format,
        Func<byte[], byte[]>? seal) =>
        new(name, [.. files.Select(it => new Seed(it.Name, it.Bytes, Judge(format), seal))], OfImage)
        {
            BytesPerByte = 32,
        };

    internal static Judge Judge(ImageFormat format) => file =>
    {
        if (format.Read(file).Refused(out var image, out var why))
        {
            return why;
        }

        // A format may carry a start address that it does not write.
        return format.Write(image).Refused(out var written, out _)
            || format.Read(written).OrThrow().Content.SequenceEqual(image.Content)
                ? Answer.Accepted
                : throw new InvalidOperationException("what was written is another image");
    };

    /// <summary>Single bytes with a gap after each.</summary>
    private static byte[] MostSegments(ImageFormat format)
    {
        var pieces = Enumerable.Range(0, ImageLayout.MaxSegments).Select(i => ((uint)i * 2, new byte[] { 0x5A }));
        return format.Write(MemoryImage.Of([.. pieces], start: null).OrThrow()).OrThrow();
    }

    private static byte[] OneMore(ImageFormat format, string lastLines)
    {
        var lines = Encoding.ASCII.GetString(MostSegments(format)).Split('\n')
            .Where(line => line.StartsWith(":01", StringComparison.Ordinal) || line.StartsWith("S1", StringComparison.Ordinal));
        return Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + '\n')) + lastLines);
    }

    /// <summary>Sets a field of the headers, which stand at its beginning.</summary>
    private static byte[] ChangeElf(byte[] file, byte[] other, Dice dice)
    {
        if (dice.OneIn(3) || file.Length < 8)
        {
            return Mutator.Change(file, other, dice);
        }

        var changed = (byte[])file.Clone();
        for (var changes = dice.Few(3); changes > 0; changes--)
        {
            var width = dice.Pick<int>([1, 2, 4, 4, 8]);
            var at = dice.Below(Math.Min(changed.Length - 8, 128)) / Math.Min(width, 4) * Math.Min(width, 4);
            var value = dice.Below(3) switch
            {
                0 => (ulong)dice.Below(256),
                1 => dice.Pick<ulong>([0, 1, 52, 64, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1UL << 32, ulong.MaxValue]),
                _ => (ulong)file.Length + (ulong)dice.Below(64) - 32,
            };
            for (var i = 0; i < width; i++)
            {
                changed[at + i] = (byte)(value >> (8 * i));
            }
        }

        return changed;
    }

    private static Answer Plan(byte[] json) => Answer.Of(ZonePlanFile.Read(json));

    /// <summary>
    /// Gives every line of digits the checksum that it should have. A line begins with as many characters as
    /// <paramref name="mark"/> has.
    /// </summary>
    private static byte[] WithChecksums(byte[] file, string mark, Func<int, int> checksum)
    {
        var lines = Encoding.Latin1.GetString(file).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            var digits = line.Length > mark.Length + 1 && line[0] == mark[0] ? line[mark.Length..^2] : "";
            if (digits.Length > 0 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit))
            {
                var sum = Convert.FromHexString(digits).Aggregate(0, (so, value) => so + value);
                var right = ((byte)checksum(sum)).ToString("X2", CultureInfo.InvariantCulture);
                lines[i] = line[..mark.Length] + digits + right + lines[i][line.Length..];
            }
        }

        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }
}
