using Keywright.Protocol;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

public sealed class DeliveryRaceTests : IDisposable
{
    private const int Racers = 8;

    private readonly DeliveryWorld world = new();
    private readonly TestDevice device;

    public DeliveryRaceTests()
    {
        device = world.Make(1);
        world.Publish(1);
    }

    [Fact]
    public void The_same_claim_many_times_at_once_gets_one_answer()
    {
        var claim = device.Claim();
        var answers = new ReadOnlyMemory<byte>[Racers];
        Parallel.For(0, Racers, i => answers[i] = world.Deliver.Answer(claim).OrThrow());
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.Single(world.Tracking.DeliveriesOf(device.ChipId));
        Assert.Empty(world.Alerts);
    }

    [Fact]
    [Trait("Req", "T21")]
    public void Of_many_copies_at_once_one_is_answered_and_the_device_is_held()
    {
        var copies = Enumerable.Range(0, Racers).Select(i => device.Clone((ulong)i + 50)).ToList();
        var claims = copies.ConvertAll(copy => copy.Claim());
        var answered = 0;
        Parallel.ForEach(claims, claim =>
        {
            if (!world.Deliver.Answer(claim).Refused(out _, out _))
            {
                Interlocked.Increment(ref answered);
            }
        });
        copies.ForEach(copy => copy.Dispose());

        Assert.Equal(1, answered);
        Assert.True(world.Ledger.Load(device.ChipId, 1).Held);
        Assert.Single(world.Tracking.DeliveriesOf(device.ChipId));
        Assert.Single(world.Tracking.ForksOf(device.ChipId));
    }

    [Fact]
    public void A_change_judged_on_an_older_revision_is_not_written()
    {
        var first = world.Ledger.Load(device.ChipId, 1);
        _ = world.Deliver.Answer(device.Claim()).OrThrow();
        var change = new DeliveryChange { Next = 9, Prev = Digest.Of([1]) };
        Assert.False(world.Ledger.Commit(first, change));
        var second = world.Ledger.Load(device.ChipId, 1);
        Assert.Equal(2ul, second.Next);
        Assert.True(world.Ledger.Commit(second, change));
        Assert.False(world.Ledger.Commit(second, change));

        world.Restart();
        var reopened = world.Ledger.Load(device.ChipId, 1);
        Assert.Equal(
            (9ul, Digest.Of([1]), DeliveryState.Open), (reopened.Next, reopened.Prev, reopened.At(1)!.State));
    }

    [Fact]
    public void Made_up_ids_fill_the_log_to_a_limit_only()
    {
        var counts = world.Tracking;
        for (var i = 0; i < Keywright.Storage.Sqlite.Firmware.SqliteTracking.MaxSubjects; i++)
        {
            Assert.Equal(1, counts.Count(Reason.UnknownId, $"ID-{i}", world.Clock.GetUtcNow()));
        }

        Assert.Equal(1, counts.Count(Reason.UnknownId, "one more", world.Clock.GetUtcNow()));
        Assert.Equal(2, counts.Count(Reason.UnknownId, "and another", world.Clock.GetUtcNow()));
        Assert.Equal(2, counts.Count(Reason.UnknownId, "ID-0", world.Clock.GetUtcNow()));
    }

    public void Dispose()
    {
        device.Dispose();
        world.Dispose();
    }
}
