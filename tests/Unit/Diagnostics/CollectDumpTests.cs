using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Diagnostics;
using Keywright.Protocol.Opening.Diagnostics;

namespace Keywright.UnitTests.Diagnostics;

public sealed class CollectDumpTests : IDisposable
{
    private static readonly byte[] ContentA = Sample.Content(20_000);
    private static readonly byte[] ContentB = Sample.Content(300);

    private readonly TwoOwners world = new();

    [Fact]
    [Trait("Req", "D02")]
    [Trait("Req", "D06")]
    public void Of_two_owners_on_one_device_each_opens_the_dumps_of_its_own_program_alone()
    {
        var (a, b) = (world.Dump(world.A, ContentA), world.Dump(world.B, ContentB));
        var (fromA, openedA) = Open(a, world.A);
        var (fromB, openedB) = Open(b, world.B);
        Assert.Equal(ContentA, openedA);
        Assert.Equal(ContentB, openedB);
        Assert.Equal(world.A.Id, fromA.OrThrow().Signed!.Content.Segments[0].Program.Owner);
        Assert.Equal(world.B.Id, fromB.OrThrow().Signed!.Content.Segments[0].Program.Owner);
        Assert.Equal(Reason.NotTheRecipient, Sample.Why(Open(a, world.B).Verdict));
        Assert.Equal(Reason.NotTheRecipient, Sample.Why(Open(b, world.A).Verdict));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void A_dump_names_device_program_version_build_and_time()
    {
        var end = Open(world.Dump(world.A, ContentA), world.A).Verdict.OrThrow().Signed!.Content;
        var segment = Assert.Single(end.Segments);
        Assert.Equal(world.Chip.Device, end.Device);
        Assert.Equal((DumpTrigger.Crash, 1_800_000_000UL), (end.Trigger, end.TimeSeconds));
        Assert.Equal((DumpKind.ElfCore, 20_000L), (segment.Kind, segment.Sealed.Size));
        Assert.Equal(("app", "1.1"), (segment.Program.Name, segment.Program.Version));
        Assert.Equal([0xB1, 1], segment.Program.BuildId.ToArray());
        Assert.Equal(Digest.Of(world.Device.BytesOf(world.A.Id, "app")), segment.Program.Hash);
    }

    [Theory]
    [Trait("Req", "D05")]
    [InlineData(DumpTrigger.Crash)]
    [InlineData(DumpTrigger.DebugRequest)]
    [InlineData(DumpTrigger.Attack)]
    [InlineData(DumpTrigger.Data)]
    public void Every_trigger_is_told(DumpTrigger trigger)
    {
        var request = Request() with { Trigger = trigger, Kind = DumpKind.History, TimeSeconds = null };
        var (refusal, dump) = Run(request.Encode(), ContentA);
        Assert.Null(refusal);
        var end = Open(dump, world.A).Verdict.OrThrow().Signed!.Content;
        Assert.Equal((trigger, DumpKind.History), (end.Trigger, end.Segments[0].Kind));
        Assert.Null(end.TimeSeconds);
    }

    [Fact]
    [Trait("Req", "D09")]
    public void No_two_dumps_have_one_place_also_across_boots_and_where_one_broke_off()
    {
        var boot = world.Device.State.Monotonic.Boots;
        Assert.Equal((boot, 0u), Place(world.Dump(world.A, ContentA)));
        Assert.Equal((boot, 1u), Place(world.Dump(world.A, ContentA)));
        Assert.NotNull(Run(Request().Encode(), ContentA, announced: 20_001).Refusal);
        Assert.Equal((boot, 3u), Place(world.Dump(world.A, ContentA)));
        world.Device.Reboot();
        Assert.Equal((boot + 1, 0u), Place(world.Dump(world.A, ContentA)));
    }

    [Fact]
    [Trait("Req", "D09")]
    public void After_a_key_rotation_old_and_new_dumps_open_each_with_its_own_key()
    {
        var old = world.Dump(world.A, ContentA);
        world.A.Rotate();
        world.Install(world.A, 2, "app");
        var young = world.Dump(world.A, ContentB);
        Assert.Equal(ContentA, Open(old, world.A).Content);
        Assert.Equal(ContentB, Open(young, world.A).Content);
        var end = Open(young, world.A).Verdict.OrThrow().Signed!.Content;
        Assert.Equal("1.2", end.Segments[0].Program.Version);
        var newest = DumpOpener.Open(
            new MemoryStream(old), [world.A.Diagnostics[^1]], world.Chip, (_, _) => Stream.Null);
        Assert.Equal(Reason.NotTheRecipient, Sample.Why(newest));
    }

    [Theory]
    [InlineData(19_999)]
    [InlineData(20_001)]
    public void A_content_that_is_not_as_long_as_announced_gets_no_signed_end(long announced)
    {
        var (refusal, dump) = Run(Request().Encode(), ContentA, announced);
        Assert.Equal(Reason.MissingInput, refusal!.Reason);
        Assert.Null(Open(dump, world.A).Verdict.OrThrow().Signed);
    }

    [Fact]
    [Trait("Req", "D08")]
    public void A_content_of_unknown_size_is_taken_to_its_end()
    {
        var (refusal, dump) = Run(Request().Encode(), ContentA, announced: long.MaxValue);
        Assert.Null(refusal);
        Assert.Equal(ContentA, Open(dump, world.A).Content);
    }

    [Fact]
    public void What_is_asked_wrongly_is_refused_before_anything_comes_out()
    {
        var request = Request().Encode();
        Refused(Reason.MissingInput, new MemoryHost().With("content", ContentA));
        Refused(Reason.MissingInput, new MemoryHost().With("request", request));
        Refused(Reason.TooLarge, Asked(new byte[DumpRequest.MaxSizeBytes + 1]));
        Refused(Reason.Malformed, Asked(request[..^1]));
        Refused(Reason.Malformed, Asked((Request() with { Trigger = 0 }).Encode()));
        Refused(Reason.Malformed, Asked((Request() with { Kind = 0 }).Encode()));
        Refused(Reason.TooLarge, Asked((Request() with { Kind = (DumpKind)5 }).Encode()));
        Refused(Reason.TooLarge, Asked((Request() with { TimeSeconds = ulong.MaxValue }).Encode()));
        request[2] = 2;
        Refused(Reason.WrongVersion, Asked(request));
        Refused(Reason.UnknownProgram, Asked((Request() with { Program = "radio" }).Encode()));
        Refused(Reason.UnknownProgram, Asked((Request() with { Owner = Digest.Of("stranger"u8) }).Encode()));
        Refused(Reason.UnknownProgram, Asked(new DumpRequest(
            world.B.Id, "table", DumpKind.Trace, DumpTrigger.Crash).Encode()));
        Refused(Reason.UnknownKey, Asked((Request() with { Program = "table" }).Encode()));
    }

    [Fact]
    public void A_chip_that_was_never_programmed_has_nothing_to_dump()
    {
        using var blank = BootedDevice.Boot(TestChips.Make(8));
        Assert.Equal(Reason.WrongLifecycle, blank.Execute("dump", Asked(Request().Encode()))!.Reason);
    }

    public void Dispose() => world.Dispose();

    private DumpRequest Request() => new(world.A.Id, "app", DumpKind.ElfCore, DumpTrigger.Crash, 1);

    private static MemoryHost Asked(byte[] request) =>
        new MemoryHost().With("request", request).With("content", ContentA);

    private void Refused(Reason reason, MemoryHost host)
    {
        Assert.Equal(reason, world.Device.Run("dump", host)!.Reason);
        Assert.Empty(host.Emitted("dump"));
    }

    private (Refusal? Refusal, byte[] Dump) Run(byte[] request, byte[] content, long? announced = null)
    {
        var host = new AnnouncingHost(request, content, announced ?? content.Length);
        return (world.Device.Booted.Execute("dump", host), host.Dump.ToArray());
    }

    private (Outcome<OpenedDump> Verdict, byte[] Content) Open(byte[] dump, ModuleOwner owner)
    {
        var plain = new MemoryStream();
        var verdict = DumpOpener.Open(new MemoryStream(dump), owner.Diagnostics, world.Chip, (_, _) => plain);
        return (verdict, plain.ToArray());
    }

    private (ulong Boot, uint Number) Place(byte[] dump)
    {
        var place = Open(dump, world.A).Verdict.OrThrow().Place;
        return (place.Boot, place.Number);
    }

    /// <summary>A host that says of its content what it likes, and gives it in small pieces.</summary>
    private sealed class AnnouncingHost(byte[] request, byte[] content, long announced) : IChipHost
    {
        public MemoryStream Dump { get; } = new();

        public long SizeOf(string input) => input == "content" ? announced : request.Length;

        public int Read(string input, long offset, Span<byte> destination)
        {
            var from = (input == "content" ? content : request).AsSpan((int)offset);
            var count = Math.Min(Math.Min(destination.Length, from.Length), 1000);
            from[..count].CopyTo(destination);
            return count;
        }

        public void Emit(string output, ReadOnlySpan<byte> data) => Dump.Write(data);
    }
}
