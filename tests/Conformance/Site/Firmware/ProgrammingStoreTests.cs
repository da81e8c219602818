using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site;
using Keywright.Site.Firmware;

namespace Keywright.ConformanceTests.Site.Firmware;

/// <summary>What first programming relies on, whatever keeps it.</summary>
[Trait("Req", "T01")]
public class ProgrammingStoreTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_900_000_000_000);
    private static readonly ProductionOrder Order = new(Digest.Of("order"u8), "1", "pump", "factory", 5);

    public static TheoryData<string> Kinds => SiteStores.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_station_is_kept_under_a_name_that_is_given_once(string kind)
    {
        using var stores = SiteStores.Open(kind);
        var station = Station("a");
        Assert.True(stores.Stations.Add(station));
        Assert.False(stores.Stations.Add(station with { Id = Id(9), Factory = "elsewhere" }));
        stores.Reopen();
        AssertSame(station, stores.Stations.Find("a")!);
        Assert.Null(stores.Stations.Find("b"));
        Assert.True(stores.Stations.Revoke("a", Now));
        Assert.False(stores.Stations.Revoke("a", Now.AddDays(1)));
        Assert.False(stores.Stations.Revoke("b", Now));
        Assert.Equal(Now, stores.Stations.All().Single().RevokedAt);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Chips_are_learnt_once_and_stay_as_they_were(string kind)
    {
        using var stores = SiteStores.Open(kind);
        Assert.Equal(2, stores.Chips.Learn(Order, [Chip(1), Chip(2)], Now));
        Assert.Equal(1, stores.Chips.Learn(Order, [Chip(2), Chip(3)], Now));
        stores.Reopen();
        Assert.Equal(Chip(2), stores.Chips.FindChip(Chip(2).Chip));
        Assert.Null(stores.Chips.FindChip(Chip(4).Chip));
        Assert.Equal(Order, stores.Chips.FindOrder(Order.Digest));
        Assert.Null(stores.Chips.FindOrder(Digest.Zero));
        Assert.Equal([new OrderCount(Order, 3, 0, 0)], stores.Chips.Counts());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Identities_wait_in_line_and_none_waits_twice(string kind)
    {
        using var stores = SiteStores.Open(kind);
        Assert.Null(stores.Pool.Add("pump", [Set("1", "1b"), Set("2")]));
        Assert.Equal(Reason.IdentityTaken, stores.Pool.Add("valve", [Set("3"), Set("1b")])!.Reason);
        Assert.Equal(0, stores.Pool.Count("valve"));
        Assert.Null(stores.Pool.Next("valve"));
        stores.Reopen();
        Assert.Equal(Set("1", "1b").Devices, stores.Pool.Next("pump")!.Devices);
        Assert.Equal(2, stores.Pool.Count("pump"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_highest_sequence_is_the_newest_bootloader(string kind)
    {
        using var stores = SiteStores.Open(kind);
        var (one, ten) = (Bootloader(1), Bootloader(10));
        Assert.True(stores.Bootloaders.Add(ten, [1], [2]));
        Assert.True(stores.Bootloaders.Add(one, [1], [2]));
        Assert.False(stores.Bootloaders.Add(one with { Id = Id(3) }, [1], [2]));
        stores.Reopen();
        Assert.Equal(ten, stores.Bootloaders.Newest("pump", "pump-a"));
        Assert.Null(stores.Bootloaders.Newest("pump", "pump-b"));
        Assert.Equal(one, stores.Bootloaders.Find(one.Id));
        Assert.Null(stores.Bootloaders.Find(Id(3)));
        Assert.Equal([1], stores.Bootloaders.Read(one.Image));
        Assert.Throws<InvalidDataException>(() => stores.Bootloaders.Read(Digest.Zero));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_write_makes_a_device_with_all_that_belongs_to_it(string kind)
    {
        using var stores = Filled(kind);
        var device = Device(1, turn: 0, "1", "1b");
        var turn = stores.Records.Commit(device, 0, new GeneratorStep(1, new byte[] { 7 }))!;
        stores.Reopen();
        Assert.Equal(1, stores.Pool.Count("pump"));
        Assert.Equal(Reason.IdentityTaken, stores.Pool.Add("pump", [Set("1b")])!.Reason);
        Assert.Equal(1u, stores.Stations.Find("a")!.NextTurn);
        Assert.Equal([7], stores.Stations.Find("a")!.Generator.ToArray());
        foreach (var found in new[]
        {
            stores.Registry.Find(device.Chip),
            stores.Registry.Find(device.Devices[0]),
            stores.Registry.Find(device.Devices[1]),
            stores.Records.FindTurn("a", 0)!.Device,
            stores.Registry.Made("a", 9).Single(),
            stores.Registry.Made(null, 9).Single(),
        })
        {
            AssertSame(device, found!);
        }

        Assert.Null(stores.Records.FindTurn("a", 0)!.File);
        Assert.Equal(turn.Serial, stores.Records.FindTurn("a", 0)!.Serial);
        Assert.Null(stores.Records.FindTurn("a", 1));
        Assert.Empty(stores.Registry.Made("b", 9));
        var count = Assert.Single(stores.Stations.Counts());
        Assert.Equal(("a", 1), (count.Station.Name, count.Devices));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_no_longer_as_it_was_judged_is_not_written(string kind)
    {
        using var stores = Filled(kind);
        var next = new GeneratorStep(2, new byte[] { 7 });
        Assert.Null(stores.Records.Commit(Device(1, 1, "1", "1b"), 1, next));
        Assert.Null(stores.Records.Commit(Device(1, 0, "9"), 0, next));
        Assert.Null(stores.Records.Commit(Device(1, 0, "1"), 0, next));
        Assert.Equal(2, stores.Pool.Count("pump"));
        Assert.NotNull(
            stores.Records.Commit(Device(1, 0, "1", "1b"), 0, new GeneratorStep(1, new byte[] { 7 })));
        Assert.Null(stores.Records.Commit(Device(1, 1, "2"), 1, next));
        Assert.True(stores.Stations.Revoke("a", Now));
        Assert.Null(stores.Records.Commit(Device(2, 1, "2"), 1, next));
        Assert.Equal(1, stores.Pool.Count("pump"));
        Assert.Equal(1u, stores.Stations.Find("a")!.NextTurn);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_first_file_that_is_kept_stays(string kind)
    {
        using var stores = Filled(kind);
        var turn = stores.Records.Commit(Device(1, 0, "1", "1b"), 0, new GeneratorStep(1, new byte[] { 7 }))!;
        var second = stores.Records.Commit(Device(2, 1, "2"), 1, new GeneratorStep(2, new byte[] { 8 }))!;
        Assert.True(second.Serial > turn.Serial);
        Assert.Equal([1, 2], stores.Records.KeepFile(turn, new byte[] { 1, 2 }));
        Assert.Equal([1, 2], stores.Records.KeepFile(turn, new byte[] { 3 }));
        stores.Reopen();
        Assert.Equal([1, 2], stores.Records.FindTurn("a", 0)!.File);
        Assert.Null(stores.Records.FindTurn("a", 1)!.File);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Req", "T17")]
    public void The_first_sign_of_life_is_noted_and_counted(string kind)
    {
        using var stores = Filled(kind);
        var device = Device(1, 0, "1", "1b");
        stores.Records.Commit(device, 0, new GeneratorStep(1, new byte[] { 7 }));
        stores.Registry.MarkActive(device, Now);
        stores.Registry.MarkActive(device, Now.AddDays(1));
        stores.Reopen();
        Assert.Equal(Now, stores.Registry.Find(device.Chip)!.ActiveAt);
        Assert.Equal([new OrderCount(Order, 2, 1, 1)], stores.Chips.Counts());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Many_at_once_share_out_the_pool_without_giving_an_id_twice(string kind)
    {
        using var stores = Filled(kind);
        Assert.Null(stores.Pool.Add("pump", [.. Enumerable.Range(100, 40).Select(i => Set($"{i}"))]));
        var serials = await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            Assert.True(stores.Stations.Add(Station($"w{worker}")));
            var made = new List<string>();
            while (made.Count < 10)
            {
                var set = stores.Pool.Next("pump")!;
                var device = Device(1000 + (
                    100 * worker) + made.Count, (uint)made.Count, [.. set.Devices.Select(id => $"{id}")])
                    with
                { Station = $"w{worker}" };
                var next = new GeneratorStep((uint)made.Count + 1, new byte[] { 7 });
                if (stores.Records.Commit(device, (uint)made.Count, next) is not null)
                {
                    made.Add(set.Devices[0].ToString());
                }
            }

            return made;
        })));
        Assert.Equal(40, serials.SelectMany(made => made).Distinct().Count());
    }

    private static SiteStores Filled(string kind)
    {
        var stores = SiteStores.Open(kind);
        stores.Stations.Add(Station("a"));
        stores.Chips.Learn(Order, [Chip(1), Chip(2)], Now);
        stores.Bootloaders.Add(Bootloader(1), [1], [2]);
        Assert.Null(stores.Pool.Add("pump", [Set("1", "1b"), Set("2")]));
        return stores;
    }

    private static RecordId Id(int number) =>
        RecordId.New(Now.AddMilliseconds(number), new SeededEntropy((ulong)number));

    private static IdentitySet Set(params string[] ids) =>
        new([.. ids.Select(id => DeviceId.Parse(id).OrThrow())]);

    private static StationRecord Station(string name) => new()
    {
        Id = RecordId.New(Now, new SeededEntropy(name[^1])),
        Name = name,
        Factory = "factory",
        Key = Digest.Of("key"u8),
        Enrolment = new byte[] { 1 },
        TakeKey = new byte[] { 2 },
        NextTurn = 0,
        Generator = new byte[] { 3 },
        EnrolledAt = Now,
    };

    private static LearntChip Chip(int number)
    {
        var entropy = new SeededEntropy((ulong)number);
        return new LearntChip(
            ChipId.FromRandom(Id(number).ToArray()),
            SigningKey.Generate(entropy).Public,
            HpkePrivateKey.Generate(entropy).Public,
            Order.Digest);
    }

    private static BootloaderEntry Bootloader(int sequence) => new()
    {
        Id = Id(sequence),
        Product = "pump",
        DeviceType = "pump-a",
        Version = $"{sequence}.0",
        Sequence = (ulong)sequence,
        Encoding = ImageEncoding.Raw(0x8000_0000),
        Image = Digest.Of([1]),
        Plan = Digest.Of([2]),
        AddedAt = Now,
    };

    private static DeviceRecord Device(int chip, uint turn, params string[] ids) => new()
    {
        Id = Id(chip),
        Chip = ChipId.FromRandom(Id(chip).ToArray()),
        Devices = Set(ids).Devices,
        Kid = 1,
        SealedKey = new byte[] { 9 },
        Product = "pump",
        DeviceType = "pump-a",
        Order = Order.Digest,
        Station = "a",
        Factory = "factory",
        Turn = turn,
        Take = Digest.Of([(byte)turn]),
        Bootloader = Bootloader(1).Id,
        ProgrammedAt = Now,
    };

    private static void AssertSame(StationRecord expected, StationRecord found)
    {
        Assert.Equal(expected.Enrolment.ToArray(), found.Enrolment.ToArray());
        Assert.Equal(expected.TakeKey.ToArray(), found.TakeKey.ToArray());
        Assert.Equal(expected.Generator.ToArray(), found.Generator.ToArray());
        Assert.Equal(expected, found with
        {
            Enrolment = expected.Enrolment,
            TakeKey = expected.TakeKey,
            Generator = expected.Generator,
        });
    }

    private static void AssertSame(DeviceRecord expected, DeviceRecord found)
    {
        Assert.Equal(expected.Devices, found.Devices);
        Assert.Equal(expected.SealedKey.ToArray(), found.SealedKey.ToArray());
        Assert.Equal(expected, found with { Devices = expected.Devices, SealedKey = expected.SealedKey });
    }
}
