using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.UnitTests.Device.Chip;

public class MonotonicStateTests
{
    private static readonly Digest Owner = Digest.Of("owner"u8);
    private static readonly Digest Other = Digest.Of("other"u8);

    public static TheoryData<MonotonicUpdate, MonotonicUpdate> Backward => new()
    {
        { MonotonicUpdate.Reached(Lifecycle.Fielded), MonotonicUpdate.Reached(Lifecycle.Provisioned) },
        { MonotonicUpdate.Issued(7), MonotonicUpdate.Issued(6) },
        { MonotonicUpdate.Recovered(7), MonotonicUpdate.Recovered(6) },
        { MonotonicUpdate.Delivered(7, Owner), MonotonicUpdate.Delivered(6, Other) },
        { MonotonicUpdate.Delivered(7, Owner), MonotonicUpdate.Delivered(7, Other) },
        { MonotonicUpdate.Claimed(7), MonotonicUpdate.Claimed(6) },
        { MonotonicUpdate.Booted(7), MonotonicUpdate.Booted(6) },
        { MonotonicUpdate.Challenged(7), MonotonicUpdate.Challenged(6) },
        { MonotonicUpdate.Sequenced(Owner, "app", 7), MonotonicUpdate.Sequenced(Owner, "app", 6) },
    };

    [Theory]
    [MemberData(nameof(Backward))]
    public void Nothing_goes_backward_and_nothing_happens_twice(
        MonotonicUpdate forward, MonotonicUpdate backward)
    {
        var state = MonotonicState.Fresh.After(forward);

        Assert.NotEqual(MonotonicState.Fresh, state);
        Assert.Same(state, state.After(backward));
        Assert.Same(state, state.After(forward));
    }

    [Fact]
    public void Digests_are_set_once()
    {
        var owned = MonotonicState.Fresh.After(MonotonicUpdate.OwnedBy(Owner));
        var state = owned.After(MonotonicUpdate.IdentifiedAs(Other));

        Assert.Same(
            state, state.After(MonotonicUpdate.OwnedBy(Owner)).After(MonotonicUpdate.IdentifiedAs(Other)));
        Assert.Throws<InvalidOperationException>(() => state.After(MonotonicUpdate.OwnedBy(Other)));
        Assert.Throws<InvalidOperationException>(() => state.After(MonotonicUpdate.IdentifiedAs(Owner)));
    }

    [Fact]
    public void A_number_is_shown_only_when_it_was_issued()
    {
        var state = MonotonicState.Fresh.After(MonotonicUpdate.Issued(3));

        Assert.Equal(3ul, state.After(MonotonicUpdate.Shown(3)).StoreShown);
        Assert.Throws<InvalidOperationException>(() => state.After(MonotonicUpdate.Shown(4)));
    }

    [Fact]
    public void Minimum_sequences_are_kept_for_each_owner_and_program_up_to_the_limit()
    {
        var state = MonotonicState.Fresh;
        for (var i = 0; i < MonotonicState.MaxSequences; i++)
        {
            Assert.True(state.HasRoomFor(Owner, $"program {i}"));
            state = state.After(MonotonicUpdate.Sequenced(Owner, $"program {i}", (ulong)i + 1));
        }

        Assert.Equal(5ul, state.MinimumSequenceOf(Owner, "program 4"));
        Assert.Equal(0ul, state.MinimumSequenceOf(Other, "program 4"));
        Assert.True(state.HasRoomFor(Owner, "program 4"));
        Assert.False(state.HasRoomFor(Other, "program 4"));
        Assert.Throws<InvalidOperationException>(() =>
            state.After(MonotonicUpdate.Sequenced(Other, "program 4", 1)));
        var raised = state.After(MonotonicUpdate.Sequenced(Owner, "program 4", 99));
        Assert.Equal(99ul, raised.MinimumSequenceOf(Owner, "program 4"));
    }

    [Fact]
    public void State_and_updates_are_read_as_they_were_written()
    {
        MonotonicUpdate[] updates =
        [
            .. Backward.Select(row => row.Data.Item1),
            MonotonicUpdate.Shown(2),
            MonotonicUpdate.OwnedBy(Owner),
            MonotonicUpdate.IdentifiedAs(Other),
        ];
        var state = MonotonicState.Fresh;
        foreach (var update in updates)
        {
            using var one = new CborWriter();
            update.Write(one);
            var reader = new CborReader(one.Written);
            Assert.Equal(update, MonotonicUpdate.Read(ref reader));
            Assert.Null(reader.Finish());
            state = state.After(update);
        }

        using var writer = new CborWriter();
        state.Write(writer);
        var whole = new CborReader(writer.Written);
        var read = MonotonicState.Read(ref whole);

        Assert.Null(whole.Finish());
        using var again = new CborWriter();
        read.Write(again);
        Assert.Equal(writer.ToArray(), again.ToArray());
        Assert.Equal((Owner, Other), (read.Owner, read.Identity));
        Assert.Equal(new Delivery(7, Owner), read.Delivery);
        Assert.Equal([new MinimumSequence(Owner, "app", 7)], read.Sequences);
    }
}
