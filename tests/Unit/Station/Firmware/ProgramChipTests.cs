using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Station;
using Keywright.Station.Firmware;

namespace Keywright.UnitTests.Station.Firmware;

public sealed class ProgramChipTests : IDisposable
{
    private readonly ProgrammingWorld world = new();

    [Fact]
    [Trait("Req", "T01")]
    [Trait("Req", "T05")]
    [Trait("Req", "K02")]
    [Trait("Req", "K03")]
    public void A_provisioned_chip_becomes_a_device_that_the_site_knows()
    {
        using var chip = ProgrammingWorld.ProvisionedChip();
        var closed = Program(chip).OrThrow();

        Assert.Equal([ProgrammingWorld.Id("SN-1"), ProgrammingWorld.Id("MAC-SN-1")], closed.Devices);
        var record = world.Devices.Find(closed.Devices[1])!;
        Assert.Equal(chip.Immutable.ChipId, record.Chip);
        Assert.Equal(
            (ProgrammingWorld.StationName, ProgrammingWorld.Factory), (record.Station, record.Factory));
        Assert.Equal(7, world.Pool.Count(ProgrammingWorld.Product));

        using var device = ChipState.Boot(chip);
        Assert.Equal(Lifecycle.Personalised, device.Monotonic.Lifecycle);
        Assert.Equal(closed.Devices[0].Hash(), device.Monotonic.Identity);
        using var siteKey = record.OpenKey(world.Sealer);
        using var chipKey = device.KeyStore.Open<DeviceKey>(new KeyHandle(KeyKind.Device, "1")).OrThrow();
        Assert.Equal(siteKey.Expose(), chipKey.Expose());
        AssertPatched(device.Journal.ReadAll("bootloader").OrThrow(), siteKey);
    }

    [Fact]
    [Trait("Req", "T08")]
    public void The_same_chip_again_gives_what_it_gave_and_asks_the_site_for_nothing()
    {
        using var chip = ProgrammingWorld.ProvisionedChip();
        var first = Program(chip).OrThrow();
        using var journal = world.OpenJournal();
        var line = new LocalSite(world.Site.Answer);
        var again = Station(journal, line).Program(
            BootedDevice.Boot(chip), ProgrammingWorld.DeviceType, ProgrammingWorld.Order)
            .OrThrow();
        Assert.Equal(first.Devices, again.Devices);
        Assert.Equal(first.Turn, again.Turn);
        Assert.Empty(line.Sent);
    }

    [Fact]
    [Trait("Req", "T08")]
    public void A_file_that_waits_for_its_chip_goes_into_no_other()
    {
        using var first = ProgrammingWorld.ProvisionedChip(1);
        using var second = ProgrammingWorld.ProvisionedChip(2);
        using var journal = world.OpenJournal();
        var line = new LocalSite(world.Site.Answer) { Losses = 1 };
        var station = Station(journal, line);
        Assert.Throws<IOException>(() => Program(station, first));

        Assert.Equal(Reason.ClaimOpen, ReasonOf(Program(station, second)));
        Assert.Equal(Lifecycle.Provisioned, second.Monotonic.State.Lifecycle);
        Assert.Equal("SN-1", Program(station, first).OrThrow().Devices[0].ToString());
        Assert.Equal(line.Sent[0], line.Sent[1]);
        Assert.Equal("SN-2", Program(station, second).OrThrow().Devices[0].ToString());
    }

    [Fact]
    public void A_turn_that_is_given_up_is_never_used_again()
    {
        using var first = ProgrammingWorld.ProvisionedChip(1);
        using var second = ProgrammingWorld.ProvisionedChip(2);
        using var journal = world.OpenJournal();
        var station = Station(journal, new LocalSite(_ => throw new IOException("the line is down")));
        Assert.Null(station.Abandon());
        Assert.Throws<IOException>(() => Program(station, first));
        Assert.Equal(ClosedTurn.Abandoned, station.Abandon()!.Result);

        var closed = Program(Station(journal, new LocalSite(world.Site.Answer)), second).OrThrow();
        Assert.Equal(1u, closed.Turn);
        Assert.Equal("SN-1", closed.Devices[0].ToString());
    }

    [Fact]
    public void A_blank_chip_costs_no_turn()
    {
        using var blank = TestChips.Make(1);
        using var journal = world.OpenJournal();
        Assert.Equal(Reason.WrongLifecycle, ReasonOf(
            Program(Station(journal, new LocalSite(world.Site.Answer)), blank)));
        Assert.Equal(0u, journal.NextTurn);
    }

    [Fact]
    public void What_the_site_refuses_is_closed_and_the_line_goes_on()
    {
        using var unknown = ProgrammingWorld.ProvisionedChip(99);
        using var known = ProgrammingWorld.ProvisionedChip(1);
        using var journal = world.OpenJournal();
        var station = Station(journal, new LocalSite(world.Site.Answer));
        Assert.Equal(Reason.UnknownChip, ReasonOf(Program(station, unknown)));
        Assert.Equal("unknown-chip", journal.Closed[^1].Result);
        Assert.Equal(1u, Program(station, known).OrThrow().Turn);
    }

    [Fact]
    public void A_forged_answer_leaves_the_turn_open_for_the_true_one()
    {
        using var chip = ProgrammingWorld.ProvisionedChip();
        using var journal = world.OpenJournal();
        var forged = new LocalSite(take =>
        {
            var file = world.Site.Answer(take).OrThrow().ToArray();
            file[^1] ^= 1;
            return file;
        });
        Assert.Equal(Reason.BadSignature, ReasonOf(Program(Station(journal, forged), chip)));
        Assert.Equal("SN-1", Program(
            Station(journal, new LocalSite(world.Site.Answer)), chip).OrThrow().Devices[0].ToString());
    }

    [Fact]
    public void A_file_of_another_epoch_is_refused()
    {
        using var chip = ProgrammingWorld.ProvisionedChip();
        using var journal = world.OpenJournal();
        var restored = world.SiteWith(
            world.Devices, new SiteEpoch(new byte[16].Select(_ => (byte)1).ToArray()));
        Assert.Equal(
            Reason.StaleEpoch, ReasonOf(Program(Station(journal, new LocalSite(restored.Answer)), chip)));
    }

    [Fact]
    [Trait("Req", "T05")]
    public void The_station_keeps_no_key_and_no_program_on_any_medium()
    {
        using var chip = ProgrammingWorld.ProvisionedChip();
        Program(chip).OrThrow();
        var file = File.ReadAllBytes(world.JournalOf(ProgrammingWorld.StationName));
        using var device = ChipState.Boot(chip);
        using var key = device.KeyStore.Open<DeviceKey>(new KeyHandle(KeyKind.Device, "1")).OrThrow();
        Assert.Equal(-1, file.AsSpan().IndexOf(key.Expose()));
        Assert.Equal(-1, file.AsSpan().IndexOf(device.Journal.ReadAll("bootloader").OrThrow().AsSpan(0, 64)));
    }

    [Fact]
    [Trait("Req", "T05")]
    public void The_generator_s_state_is_gone_before_the_take_leaves_and_its_keys_when_the_turn_is_closed()
    {
        using var chip = ProgrammingWorld.ProvisionedChip();
        using (var journal = world.OpenJournal())
        {
            var dead = new LocalSite(_ => throw new IOException("the line is down"));
            Assert.Throws<IOException>(() => Program(Station(journal, dead), chip));
        }

        Assert.Equal([true, false], Entries().Select(entry => entry.Secret is null));
        Program(chip).OrThrow();
        Assert.Equal([true, true, false, false], Entries().Select(entry => entry.Secret is null));
    }

    [Fact]
    public void A_journal_opens_with_the_programming_key_of_its_site_alone()
    {
        using var other = SigningKey.Generate(new SeededEntropy(9));
        var path = world.JournalOf(ProgrammingWorld.StationName);
        var before = File.ReadAllBytes(path);
        var fault = Assert.Throws<InvalidDataException>(
            () => ProgrammingJournal.Resume(path, world.StationKey, other.Public));
        Assert.Contains("programming key", fault.Message);
        Assert.Equal(before, File.ReadAllBytes(path));
        world.OpenJournal().Dispose();
    }

    [Fact]
    public void A_journal_opens_with_its_own_station_key_alone()
    {
        var other = StationKey.FromBytes(new byte[32]);
        var path = world.JournalOf(ProgrammingWorld.StationName);
        Assert.Throws<InvalidDataException>(
            () => ProgrammingJournal.Resume(path, other, world.ProgrammingKey.Public));
        Assert.Throws<InvalidDataException>(
            () => ProgrammingJournal.Resume(path + ".none", world.StationKey, world.ProgrammingKey.Public));
    }

    public void Dispose() => world.Dispose();

    private List<JournalEntry> Entries()
    {
        var entries = new List<JournalEntry>();
        Journal.Open(world.JournalOf(ProgrammingWorld.StationName), entries.Add).Dispose();
        return entries;
    }

    private static void AssertPatched(byte[] file, DeviceKey key)
    {
        var image = ImageEncoding.Hex.Format.Read(file).OrThrow();
        Assert.True(image.Layout.TryLocate(0x400, 5, out var id));
        Assert.Equal("SN-1\0"u8, image.Content.Slice(id, 5));
        Assert.True(image.Layout.TryLocate(0x440, 32, out var zone));
        Assert.Equal(key.Expose(), image.Content.Slice(zone, 32));
    }

    private static Reason ReasonOf(Outcome<ClosedTurn> outcome)
    {
        Assert.True(outcome.Refused(out _, out var why));
        return why.Reason;
    }

    private Outcome<ClosedTurn> Program(SoftChip chip)
    {
        using var journal = world.OpenJournal();
        return Program(Station(journal, new LocalSite(world.Site.Answer)), chip);
    }

    private static Outcome<ClosedTurn> Program(ProgramChip station, SoftChip chip)
    {
        using var device = BootedDevice.Boot(chip);
        return station.Program(device, ProgrammingWorld.DeviceType, ProgrammingWorld.Order);
    }

    private ProgramChip Station(ProgrammingJournal journal, LocalSite site) =>
        new(journal, site, world.ProgrammingKey.Public, world.Entropy);
}
