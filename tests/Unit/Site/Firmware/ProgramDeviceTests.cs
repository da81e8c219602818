using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;
using Keywright.Station.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

public sealed class ProgramDeviceTests : IDisposable
{
    private readonly ProgrammingWorld world = new();

    [Fact]
    [Trait("Req", "T05")]
    public void The_same_take_gets_the_same_file_also_after_a_restart()
    {
        var take = TakeOf(1);
        var file = world.Site.Answer(take).OrThrow();
        Assert.Equal(file, world.Site.Answer(take).OrThrow());
        world.Restart();
        Assert.Equal(file, world.Site.Answer(take).OrThrow());
        Assert.Equal(7, world.Pool.Count(ProgrammingWorld.Product));
        Assert.Empty(world.Alerts.Newest(1));
    }

    [Fact]
    [Trait("Req", "T05")]
    public void Killed_between_commit_and_reply_the_site_gives_the_device_it_decided()
    {
        var take = TakeOf(1);
        foreach (var death in Enum.GetValues<Death>())
        {
            Assert.Throws<IOException>(
                () => world.SiteWith(new DyingRecords(world.Devices, death)).Answer(take));
            world.Restart();
        }

        var file = Parse(world.Site.Answer(take).OrThrow());
        Assert.Equal("SN-1", file.Devices[0].ToString());
        Assert.Equal(1ul, file.Serial);
        Assert.Equal(world.Site.Answer(take).OrThrow(), world.Site.Answer(take).OrThrow());
        Assert.Equal(7, world.Pool.Count(ProgrammingWorld.Product));
    }

    [Fact]
    public void Outrun_by_another_station_the_site_judges_again()
    {
        world.Enrol("line-2");
        var other = TakeOf(2, station: "line-2");
        var outrun = world.SiteWith(new OutrunRecords(world.Devices, () => world.Site.Answer(other)));
        Assert.Equal("SN-2", Parse(outrun.Answer(TakeOf(1)).OrThrow()).Devices[0].ToString());
        Assert.Equal("SN-1", Parse(world.Site.Answer(other).OrThrow()).Devices[0].ToString());
    }

    [Fact]
    [Trait("Req", "T08")]
    public void Another_take_at_a_used_turn_is_refused_and_an_alert()
    {
        world.Site.Answer(TakeOf(1)).OrThrow();
        Refused(Reason.UsedTurn, TakeOf(1, entropy: 99));
        Refused(Reason.UsedTurn, TakeOf(2));
        var alert = world.Alerts.Newest(1)[0];
        Assert.Equal(TestChips.Immutable(2).ChipId, alert.Chip);
        Assert.Equal(
            (ProgrammingWorld.StationName, ProgrammingWorld.Factory), (alert.Station, alert.Factory));
    }

    [Fact]
    public void A_skipped_turn_is_lost_and_one_beyond_the_window_waits_for_an_operator()
    {
        Refused(Reason.TurnOutOfWindow, TakeOf(1, turn: JudgeTake.Window));
        world.Site.Answer(TakeOf(1, turn: JudgeTake.Window - 1)).OrThrow();
        Refused(Reason.UsedTurn, TakeOf(2, turn: 3));
        world.Site.Answer(TakeOf(2, turn: JudgeTake.Window)).OrThrow();
    }

    [Fact]
    [Trait("Req", "T05")]
    public void After_skipped_turns_site_and_station_still_derive_one_key()
    {
        using var generator = GeneratorState.FromBytes(Digest.Of("R"u8).ToArray());
        using var one = generator.Step("line", 0);
        using var two = one.Step("line", 1);
        using var turn = two.Turn("line", 2);
        using var key = turn.DeviceKey(ProgrammingWorld.Id("SN-1"), TestChips.Immutable(1).ChipId);
        using var other = turn.DeviceKey(ProgrammingWorld.Id("SN-1"), TestChips.Immutable(2).ChipId);
        Assert.NotEqual(key.Expose().ToArray(), other.Expose().ToArray());

        // The station's own check of the File (wrong-take when keys differ) is what proves it over the wire.
        using var journal = world.OpenJournal();
        using var chip = ProgrammingWorld.ProvisionedChip();
        using var device = BootedDevice.Boot(chip);
        var dead = new ProgramChip(
            journal, new LocalSite(_ => throw new IOException()), world.ProgrammingKey.Public, world.Entropy);
        for (var skipped = 0; skipped < 3; skipped++)
        {
            Assert.Throws<IOException>(() =>
                dead.Program(device, ProgrammingWorld.DeviceType, ProgrammingWorld.Order).OrThrow());
            dead.Abandon();
        }

        var alive = new ProgramChip(
            journal, new LocalSite(world.Site.Answer), world.ProgrammingKey.Public, world.Entropy);
        Assert.Equal(
            3u, alive.Program(device, ProgrammingWorld.DeviceType, ProgrammingWorld.Order).OrThrow().Turn);
    }

    [Fact]
    [Trait("Req", "T07")]
    public void A_revoked_station_gets_nothing_not_even_what_it_had()
    {
        var take = TakeOf(1);
        world.Site.Answer(take).OrThrow();
        var revoke = new RevokeStation(world.Stations, world.Clock);
        Assert.Null(revoke.Revoke(ProgrammingWorld.StationName));
        Assert.Null(revoke.Revoke(ProgrammingWorld.StationName));
        Assert.Equal(Reason.UnknownStation, revoke.Revoke("nobody")!.Reason);
        Refused(Reason.RevokedStation, take);
    }

    [Fact]
    [Trait("Req", "T07")]
    public void A_stranger_learns_nothing_and_the_log_has_the_reason()
    {
        Refused(Reason.UnknownStation, TakeOf(1, station: "line-9", takeKey: new byte[32]));
        Refused(Reason.BadMac, TakeOf(1, takeKey: new byte[32]));
        Assert.True(world.Site.Answer(new byte[3]).Refused(out _, out var why));
        Assert.Equal(Reason.Malformed, why.Reason);
        foreach (
            var reason in new[] { Reason.UnknownStation, Reason.BadMac, Reason.Malformed, Reason.WrongType })
        {
            Assert.Equal(Reason.UnknownStation, ProgramDevice.Outward(new Refusal(reason, "precise")).Reason);
            Assert.DoesNotContain("precise", ProgramDevice.Outward(new Refusal(reason, "precise")).Detail);
        }

        Assert.Equal(Reason.UsedTurn, ProgramDevice.Outward(new Refusal(Reason.UsedTurn, "")).Reason);
    }

    [Fact]
    public void A_station_is_told_that_the_IDs_do_not_fit_its_bootloader()
    {
        for (var chip = 1; chip <= 8; chip++)
        {
            world.Site.Answer(TakeOf(chip, (uint)chip - 1)).OrThrow();
        }

        Assert.Null(new AddDeviceIds(world.Pool).Add(
            ProgrammingWorld.Product, [new IdentitySet([ProgrammingWorld.Id("SN-9")])]));
        Refused(Reason.MissingInput, TakeOf(9, turn: 8));
        foreach (var reason in new[] { Reason.MissingInput, Reason.ZoneTooSmall, Reason.BadImage })
        {
            Assert.Equal(reason, ProgramDevice.Outward(new Refusal(reason, "misfit")).Reason);
        }
    }

    [Fact]
    public void A_chip_that_was_not_counted_or_under_another_order_gets_nothing()
    {
        Refused(Reason.UnknownChip, TakeOf(11));
        Refused(Reason.UnknownOrder, TakeOf(1, order: Digest.Of("no order"u8)));
        var second = new ProductionOrder(
            Digest.Of("order 2"u8), "2026-2", ProgrammingWorld.Product, ProgrammingWorld.Factory, 1);
        world.Import.Import(second, []).OrThrow();
        Refused(Reason.UnknownOrder, TakeOf(1, order: second.Digest));
        var elsewhere = new ProductionOrder(
            Digest.Of("order 3"u8), "2026-3", ProgrammingWorld.Product, "factory-2", 1);
        world.Import.Import(
            elsewhere, [ProgrammingWorld.Counted(12) with { Order = elsewhere.Digest }]).OrThrow();
        Refused(Reason.UnknownOrder, TakeOf(12, order: elsewhere.Digest));
    }

    [Fact]
    public void A_chip_becomes_one_device_only()
    {
        world.Site.Answer(TakeOf(1)).OrThrow();
        Refused(Reason.IdentityTaken, TakeOf(1, turn: 1));
        world.Enrol("line-2");
        Refused(Reason.IdentityTaken, TakeOf(1, station: "line-2"));
        Assert.Equal("line-2", world.Alerts.Newest(1)[0].Station);
    }

    [Fact]
    [Trait("Req", "K02")]
    public void An_empty_pool_stops_the_line_until_it_is_filled()
    {
        for (var number = 1; number <= 8; number++)
        {
            world.Site.Answer(TakeOf(number, turn: (uint)number - 1)).OrThrow();
        }

        Refused(Reason.NoIdentityLeft, TakeOf(9, turn: 8));
        Assert.Null(world.AddIds(ProgrammingWorld.Product, "SN-9"));
        Assert.Equal("SN-9", Parse(world.Site.Answer(TakeOf(9, turn: 8)).OrThrow()).Devices[0].ToString());
    }

    [Fact]
    [Trait("Req", "T02")]
    public void The_newest_bootloader_of_the_device_type_is_picked_by_itself()
    {
        Refused(Reason.NoBootloader, TakeOf(1, deviceType: "pump-b"));
        var newer = world.AddBootloader("2.0", 7).OrThrow();
        world.AddBootloader("9.9", 9, "pump-b").OrThrow();
        world.Site.Answer(TakeOf(1)).OrThrow();
        Assert.Equal(newer.Id, world.Devices.Find(TestChips.Immutable(1).ChipId)!.Bootloader);
    }

    public void Dispose() => world.Dispose();

    private static SealedFile Parse(byte[] file) => Message.Parse<SealedFile>(file).OrThrow().Claimed;

    private void Refused(Reason reason, ReadOnlyMemory<byte> take)
    {
        Assert.True(world.Site.Answer(take).Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
        Assert.Equal(reason, world.Alerts.Newest(1)[0].Reason);
    }

    /// <summary>A Take as the station would make it; everything about it can be otherwise.</summary>
    private ReadOnlyMemory<byte> TakeOf(
        int chip,
        uint turn = 0,
        string station = ProgrammingWorld.StationName,
        string deviceType = ProgrammingWorld.DeviceType,
        Digest? order = null,
        ulong entropy = 1,
        byte[]? takeKey = null)
    {
        using var key = takeKey is null
            ? world.Sealer.Open<MacKey>(
                world.Stations.Find(station)!.TakeKey.Span, StationRecord.TakeKeyContext(station))
            : MacKey.FromBytes(takeKey);
        using var fresh = HpkePrivateKey.Generate(new SeededEntropy(entropy));
        var take = new Take
        {
            Station = station,
            Turn = turn,
            DeviceType = deviceType,
            Order = order ?? ProgrammingWorld.Order,
            Chip = TestChips.Immutable((ulong)chip).ChipId,
            Fresh = fresh.Public,
        };
        return Message.Mac(take, key).Bytes;
    }

    private enum Death
    {
        BeforeCommit,
        AfterCommit,
        BeforeFile,
    }

    /// <summary>Records under which the site dies.</summary>
    private sealed class DyingRecords(IProgrammingRecords records, Death death) : IProgrammingRecords
    {
        public ProgrammedTurn? FindTurn(string station, uint turn) => records.FindTurn(station, turn);

        public ProgrammedTurn? Commit(DeviceRecord device, uint expectedTurn, GeneratorStep next)
        {
            if (death == Death.BeforeCommit)
            {
                throw new IOException("killed");
            }

            var turn = records.Commit(device, expectedTurn, next);
            return death == Death.AfterCommit ? throw new IOException("killed") : turn;
        }

        public byte[] KeepFile(ProgrammedTurn turn, ReadOnlyMemory<byte> file) =>
            throw new IOException("killed");
    }

    /// <summary>Records that somebody else writes to, just before this one does for the first time.</summary>
    private sealed class OutrunRecords(IProgrammingRecords records, Func<object> first) : IProgrammingRecords
    {
        private bool outrun;

        public ProgrammedTurn? FindTurn(string station, uint turn) => records.FindTurn(station, turn);

        public ProgrammedTurn? Commit(DeviceRecord device, uint expectedTurn, GeneratorStep next)
        {
            if (!outrun)
            {
                outrun = true;
                first();
            }

            return records.Commit(device, expectedTurn, next);
        }

        public byte[] KeepFile(ProgrammedTurn turn, ReadOnlyMemory<byte> file) =>
            records.KeepFile(turn, file);
    }
}
