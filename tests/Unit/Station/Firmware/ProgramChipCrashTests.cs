using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Station.Firmware;

namespace Keywright.UnitTests.Station.Firmware;

/// <summary>
/// The station killed at any step: its journal as it lies on the disk after every part of every write, the
/// site and the chip as they stood then. Started again, it goes on.
/// </summary>
public sealed class ProgramChipCrashTests : IDisposable
{
    private const int Stride = 41;

    private readonly ProgrammingWorld world = new();
    private readonly SoftChip chip = ProgrammingWorld.ProvisionedChip();

    [Fact]
    [Trait("Req", "T08")]
    public void Killed_while_it_writes_the_take_it_sends_one_take_alone()
    {
        var dead = new LocalSite(_ => throw new IOException("the line is down"));
        var before = Disk();
        Assert.Throws<IOException>(() => Run(dead, chip));
        var after = Disk();

        foreach (var (disk, whole) in Between(before, after))
        {
            world.Restore(disk);
            var again = new LocalSite(_ => throw new IOException("the line is down"));
            Assert.Throws<IOException>(() => Run(again, chip.Snapshot()));
            Assert.Throws<IOException>(() => Run(again, chip.Snapshot()));
            Assert.Equal(again.Sent[0], again.Sent[1]);
            Assert.Equal(whole, again.Sent[0].AsSpan().SequenceEqual(dead.Sent[0]));
            Assert.Equal(0u, Message(again.Sent[0]).Turn);
        }
    }

    [Fact]
    [Trait("Req", "T08")]
    public void Killed_between_take_and_file_it_gets_the_same_file()
    {
        var site = new LocalSite(world.Site.Answer) { Losses = 1 };
        Assert.Throws<IOException>(() => Run(site, chip));
        var before = Disk();
        Assert.Throws<PowerLostException>(() => Run(site, new DeadChip(chip)));
        var after = Disk();

        foreach (var (disk, whole) in Between(before, after))
        {
            world.Restore(disk);
            var again = new LocalSite(world.Site.Answer);
            Assert.Equal("SN-1", Run(again, chip.Snapshot()).Devices[0].ToString());
            Assert.Equal(whole ? 0 : 1, again.Sent.Count);
            Assert.All(again.Sent, take => Assert.Equal(site.Sent[0], take));
        }

        Assert.Equal(7, world.Pool.Count(ProgrammingWorld.Product));
        Assert.Empty(world.Alerts.Newest(1));
    }

    [Fact]
    [Trait("Req", "T08")]
    public void Killed_while_it_closes_the_turn_it_finds_the_chip_done()
    {
        Assert.Throws<PowerLostException>(() => Run(new LocalSite(world.Site.Answer), new DeadChip(chip)));
        var before = Disk();
        Assert.Equal("SN-1", Run(new LocalSite(world.Site.Answer), chip).Devices[0].ToString());
        var after = Disk();

        foreach (var (disk, _) in Between(before, after))
        {
            world.Restore(disk);
            var again = new LocalSite(world.Site.Answer);
            Assert.Equal("SN-1", Run(again, chip.Snapshot()).Devices[0].ToString());
            Assert.Empty(again.Sent);
            using var journal = world.OpenJournal();
            Assert.Single(journal.Closed);
            Assert.Equal(1u, journal.NextTurn);
        }
    }

    public void Dispose()
    {
        world.Dispose();
        chip.Dispose();
    }

    /// <summary>
    /// What a kill can leave between two states: a part of what was appended, then all of it with a part of
    /// what is erased behind it. True beside those that hold the new entry whole.
    /// </summary>
    private static IEnumerable<(byte[] Disk, bool Whole)> Between(byte[] before, byte[] after)
    {
        Assert.True(after.Length > before.Length);
        for (var length = before.Length; length < after.Length; length = Next(
            length, before.Length, after.Length))
        {
            yield return ([.. before, .. after.AsSpan(before.Length, length - before.Length)], false);
        }

        byte[] appended = [.. before, .. after.AsSpan(before.Length)];
        yield return (appended, true);
        var erased = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
        for (var count = 1; count <= erased.Count; count++)
        {
            appended[erased[count - 1]] = 0;
            yield return ([.. appended], true);
        }

        Assert.Equal(after, appended);
    }

    /// <summary>Every byte near the ends, where entries begin and end; every so many between.</summary>
    private static int Next(int length, int from, int to) =>
        length < from + 8 || length >= to - 8 ? length + 1 : Math.Min(length + Stride, to - 8);

    private static Take Message(byte[] take) =>
        Keywright.Protocol.Cose.Message.Parse<Take>(take).OrThrow().Claimed;

    private byte[] Disk() => File.ReadAllBytes(world.JournalOf(ProgrammingWorld.StationName));

    private ClosedTurn Run(LocalSite site, SoftChip target)
    {
        using var device = BootedDevice.Boot(target);
        return Run(site, device);
    }

    private ClosedTurn Run(LocalSite site, IChip device)
    {
        using var journal = world.OpenJournal();
        return new ProgramChip(journal, site, world.ProgrammingKey.Public, world.Entropy)
            .Program(device, ProgrammingWorld.DeviceType, ProgrammingWorld.Order)
            .OrThrow();
    }

    /// <summary>A chip that loses power when it is to be programmed.</summary>
    private sealed class DeadChip(SoftChip chip) : IChip
    {
        public Refusal? Execute(string command, IChipHost host)
        {
            using var device = BootedDevice.Boot(chip.Snapshot());
            return command == ProgramCommand.Name ? throw new PowerLostException() : device.Execute(
                command, host);
        }
    }
}
