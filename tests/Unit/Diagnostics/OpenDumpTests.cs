using Keywright.Owner.Diagnostics;
using Keywright.Protocol;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Keys;

namespace Keywright.UnitTests.Diagnostics;

public sealed class OpenDumpTests : IDisposable
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly TemporaryFolder temporary = new();

    private string Folder => temporary.PathTo("dumps");

    [Fact]
    [Trait("Req", "D07")]
    public void A_whole_dump_becomes_a_file_named_for_what_it_is()
    {
        var report = Open(Sample.OfBoth(), Sample.OwnerA).OrThrow();
        var file = Assert.Single(report.Files);
        Assert.True(report.IsWhole);
        Assert.Equal((0, 40_000L), (file.Segment, file.Size));
        Assert.Equal(Sample.ContentA, File.ReadAllBytes(file.Path));
        Assert.Equal([file.Path, PathTo("seen-dumps")], Files());
        Assert.Matches($"^{Sample.Place.Chip}-7-0-[0-9a-f]{{16}}\\.0\\.core$", Path.GetFileName(file.Path));
        Assert.Equal(SightingKind.First, report.Sighting!.Kind);
    }

    [Fact]
    [Trait("Req", "D06")]
    public void A_refused_dump_leaves_nothing()
    {
        using var stranger = HpkePrivateKey.Generate(new SeededEntropy(5));
        var dump = Sample.OfBoth();
        var changed = (byte[])dump.Clone();
        changed[^1] ^= 1;
        Assert.Equal(Reason.NotTheRecipient, Sample.Why(Open(dump, stranger)));
        Assert.Equal(Reason.BadSignature, Sample.Why(Open(changed, Sample.OwnerA)));
        Assert.Empty(Directory.Exists(Folder) ? Files() : []);
    }

    [Fact]
    public void An_unfinished_dump_stays_partial_is_called_so_and_is_not_entered()
    {
        var dump = Sample.OfB();
        var report = Open(dump[..^1], Sample.OwnerB).OrThrow();
        Assert.False(report.IsWhole);
        Assert.Null(report.Sighting);
        Assert.Equal([report.Files.Single().Path], Files());
        Assert.EndsWith(".0.partial", report.Files[0].Path, StringComparison.Ordinal);
        Assert.Equal(Sample.ContentB, File.ReadAllBytes(report.Files[0].Path));

        var whole = Open(dump, Sample.OwnerB).OrThrow();
        Assert.Equal(SightingKind.First, whole.Sighting!.Kind);
        Assert.Equal([whole.Files.Single().Path, PathTo("seen-dumps")], Files());
    }

    [Fact]
    public void A_shorter_beginning_does_not_replace_a_longer_one_nor_does_another_dump()
    {
        var dump = Sample.OfBoth();
        var longer = Open(dump[..^500], Sample.OwnerA).OrThrow().Files.Single();
        var shorter = Open(dump[..20_000], Sample.OwnerA).OrThrow().Files.Single();
        Assert.Equal(longer, shorter);
        Assert.Equal(Sample.ContentA, File.ReadAllBytes(longer.Path));
        var forged = Open(Sample.OfBoth()[..20_000], Sample.OwnerA).OrThrow().Files.Single();
        Assert.NotEqual(longer.Path, forged.Path);
        Assert.Equal(2, Files().Count);
    }

    [Fact]
    [Trait("Req", "D09")]
    public void The_same_dump_a_second_time_is_named()
    {
        var dump = Sample.OfB();
        Open(dump, Sample.OwnerB, Noon).OrThrow();
        var again = Open(dump, Sample.OwnerB, Noon.AddDays(1)).OrThrow();
        Assert.Equal(new Sighting(SightingKind.Again, Noon), again.Sighting);
        var elsewhere = Open(dump, Sample.OwnerB, into: PathTo("elsewhere")).OrThrow();
        Assert.Equal(new Sighting(SightingKind.Again, Noon), elsewhere.Sighting);
        var next = Open(Sample.OfB(Sample.Place with { Number = 1 }), Sample.OwnerB).OrThrow();
        Assert.Equal(SightingKind.First, next.Sighting!.Kind);
    }

    [Fact]
    [Trait("Req", "D09")]
    public void Two_dumps_of_one_place_are_an_alarm_and_both_are_kept()
    {
        var (one, other) = (Sample.OfB(), Sample.OfB());
        var first = Open(one, Sample.OwnerB, Noon).OrThrow();
        var second = Open(other, Sample.OwnerB, Noon.AddDays(1)).OrThrow();
        Assert.Equal(new Sighting(SightingKind.Contradiction, Noon), second.Sighting);
        Assert.NotEqual(first.Files[0].Path, second.Files[0].Path);
        Assert.Equal(SightingKind.Contradiction, Open(one, Sample.OwnerB).OrThrow().Sighting!.Kind);
        Assert.Equal(3, Files().Count);
    }

    [Fact]
    public void A_line_that_a_power_cut_tore_is_dropped_and_a_foreign_one_is_not()
    {
        var dump = Sample.OfB();
        Open(dump, Sample.OwnerB, Noon).OrThrow();
        File.AppendAllText(PathTo("seen-dumps"), "0123 7");
        Assert.Equal(SightingKind.Again, Open(dump, Sample.OwnerB).OrThrow().Sighting!.Kind);
        Assert.Single(File.ReadAllLines(PathTo("seen-dumps")));
        File.AppendAllText(PathTo("seen-dumps"), "shopping: milk\n");
        Assert.Throws<IOException>(() => Open(dump, Sample.OwnerB));
    }

    [Fact]
    public void What_was_opened_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have other rights there");
        var file = Open(Sample.OfB(), Sample.OwnerB).OrThrow().Files.Single();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
    }

    public void Dispose() => temporary.Dispose();

    private Outcome<DumpReport> Open(
        byte[] dump, HpkePrivateKey key, DateTimeOffset? now = null, string? into = null) =>
        OpenDump.Run(new MemoryStream(dump), [key], Sample.Chip, into ?? Folder, Folder, now ?? Noon);

    private string PathTo(string name) => Path.Combine(Folder, name);

    private List<string> Files() => [.. Directory.GetFiles(Folder).Order()];
}
