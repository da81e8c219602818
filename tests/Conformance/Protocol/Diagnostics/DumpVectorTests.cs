using System.Text.Json;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening.Diagnostics;

namespace Keywright.ConformanceTests.Protocol.Diagnostics;

/// <summary>
/// vectors/dump: expect is "accepted", "unfinished" (opened, but nobody's word for it) or a reason.
/// </summary>
public sealed class DumpVectorTests
{
    private static readonly string Folder = Repository.PathTo("vectors", "dump");

    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Req", "D06")]
    [Trait("Req", "D09")]
    public void A_dump_is_judged_as_its_vector_says(string name)
    {
        var test = Case.From(name);
        var contents = new SortedDictionary<int, MemoryStream>();
        if (test.Open(test.Dump, contents).Refused(out var dump, out var why))
        {
            Assert.Equal(test.Expect, why.Name);
            return;
        }

        Assert.Equal(test.Expect, dump.Signed is null ? "unfinished" : "accepted");
        Assert.Equal(test.Contents, Shown(dump, contents));
        var sizes = dump.Segments.Select(each => (int?)each.Size);
        Assert.Equal(test.Contents!.Select(content => content?.Length / 2), sizes);
        if (dump.Signed is { } signed)
        {
            Assert.Equal((test.Boot, test.Number), (signed.Content.Place.Boot, signed.Content.Place.Number));
            Assert.Equal(test.Time, signed.Content.TimeSeconds);
        }
    }

    [Fact]
    public void Every_single_bit_change_is_refused_or_leaves_a_true_beginning_that_is_called_unfinished()
    {
        var test = Case.From("one-segment.json");
        var (refused, unfinished) = (0, 0);
        foreach (var (bit, changed) in SingleBits.Of(test.Dump))
        {
            var contents = new SortedDictionary<int, MemoryStream>();
            if (test.Open(changed, contents).Refused(out var dump, out _))
            {
                refused++;
                continue;
            }

            Assert.True(dump.Signed is null, $"bit {bit} passed for a whole dump");
            Assert.StartsWith(Shown(dump, contents)[0]!, test.Contents![0]);
            unfinished++;
        }

        Assert.True(refused > 20 * unfinished, $"{refused} refused, {unfinished} unfinished");
    }

    private static string?[] Shown(OpenedDump dump, SortedDictionary<int, MemoryStream> contents) =>
        [.. dump.Segments.Select((_, index) =>
            contents.TryGetValue(index, out var plain) ? Convert.ToHexStringLower(plain.ToArray()) : null)];

    private sealed record Case(
        DumpingChip Chip, HpkePrivateKey[] Keys, byte[] Dump, string Expect, string?[]? Contents)
    {
        public ulong Boot { get; init; }

        public uint Number { get; init; }

        public ulong? Time { get; init; }

        public static Case From(string name)
        {
            using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name)));
            var test = file.RootElement;
            var identity = PublicKey.Parse(Bytes(test.GetProperty("identity"))).OrThrow();
            var device = DeviceId.Parse(test.GetProperty("device").GetString()!).OrThrow();
            var chip = ChipId.Parse(Bytes(test.GetProperty("chip"))).OrThrow();
            var keys = test.GetProperty("keys").EnumerateArray().Select(Bytes);
            return new Case(
                new DumpingChip(chip, identity, device),
                [.. keys.Select(scalar => HpkePrivateKey.FromScalar(scalar))],
                Bytes(test.GetProperty("dump")),
                test.GetProperty("expect").GetString()!,
                test.TryGetProperty("contents", out var contents)
                    ? [.. contents.EnumerateArray().Select(content => content.GetString())]
                    : null)
            {
                Boot = test.TryGetProperty("boot", out var boot) ? boot.GetUInt64() : 0,
                Number = test.TryGetProperty("number", out var number) ? number.GetUInt32() : 0,
                Time = test.TryGetProperty("time", out var time) ? time.GetUInt64() : null,
            };
        }

        public Outcome<OpenedDump> Open(byte[] dump, SortedDictionary<int, MemoryStream> contents) =>
            DumpOpener.Open(new MemoryStream(dump), Keys, Chip, (i, _) => contents[i] = new MemoryStream());

        private static byte[] Bytes(JsonElement hex) => Convert.FromHexString(hex.GetString()!);
    }
}
