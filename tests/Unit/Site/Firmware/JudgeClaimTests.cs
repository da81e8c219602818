using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Site.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

/// <summary>The decision list of docs/spec/delivery.md §6.2, line by line.</summary>
public sealed class JudgeClaimTests
{
    private static readonly MacKey Key = MacKey.FromBytes(new byte[MacKey.Size]);
    private static readonly Digest Prev = Digest.Of([7]);
    private static readonly Digest GrantDigest = Digest.Of([8]);
    private static readonly SiteEpoch Recovered = new([.. Enumerable.Repeat((byte)1, SiteEpoch.Size)]);

    private static readonly DeliveryRecord AtThree = new()
    {
        Chip = ChipId.FromRandom(new byte[16]),
        Revision = 4,
        Next = 3,
        Prev = Prev,
    };

    [Fact]
    public void The_next_number_with_the_right_prev_is_answered() =>
        Assert.Equal(new ClaimVerdict.Answer(false), JudgeClaim.Judge(AtThree, Claim(3), null));

    [Fact]
    public void The_first_claim_of_a_new_device_is_answered()
    {
        var fresh = new DeliveryRecord { Chip = AtThree.Chip, Revision = 0 };
        Assert.Equal(new ClaimVerdict.Answer(false), JudgeClaim.Judge(fresh, Claim(1, Digest.Zero), null));
    }

    [Theory]
    [InlineData(DeliveryState.Open)]
    [InlineData(DeliveryState.Refused)]
    public void The_same_claim_gets_the_stored_answer(DeliveryState state)
    {
        var claim = Claim(2);
        var entry = Entry(2, state, claim.Digest);
        var verdict = Assert.IsType<ClaimVerdict.Repeat>(JudgeClaim.Judge(With(entry), claim, null));
        Assert.Equal(entry.Answer, verdict.Stored);
        Assert.IsType<ClaimVerdict.Repeat>(
            JudgeClaim.Judge(With(entry) with { Current = Recovered }, claim, null));
    }

    [Theory]
    [InlineData(DeliveryState.Installed, Reason.SecondDelivery)]
    [InlineData(DeliveryState.Declined, Reason.SecondDelivery)]
    [InlineData(DeliveryState.Void, Reason.Resync)]
    public void The_same_claim_after_its_end_writes_nothing(DeliveryState state, Reason found)
    {
        var claim = Claim(2);
        Assert.Equal(
            new ClaimVerdict.OutOfStep(found),
            JudgeClaim.Judge(With(Entry(2, state, claim.Digest)), claim, null));
    }

    [Theory]
    [InlineData(DeliveryState.Open)]
    [InlineData(DeliveryState.Refused)]
    [InlineData(DeliveryState.Installed)]
    [InlineData(DeliveryState.Void)]
    public void Another_claim_at_a_claimed_number_is_a_fork(DeliveryState state)
    {
        var record = With(Entry(2, state, Digest.Of([1])));
        Assert.IsType<ClaimVerdict.Fork>(JudgeClaim.Judge(record, Claim(2), null));
        Assert.IsType<ClaimVerdict.Fork>(
            JudgeClaim.Judge(record with { Current = Recovered }, Claim(2), null));
    }

    [Fact]
    public void A_record_not_resumed_since_the_recovery_is_out_of_step()
    {
        var stale = AtThree with { Current = Recovered };
        Assert.Equal(new ClaimVerdict.OutOfStep(Reason.ResumeDue), JudgeClaim.Judge(stale, Claim(3), null));
        Assert.Equal(
            new ClaimVerdict.OutOfStep(Reason.ResumeDue),
            JudgeClaim.Judge(stale, Claim(3, Digest.Of([5])), null));
        Assert.IsType<ClaimVerdict.Answer>(
            JudgeClaim.Judge(stale with { Epoch = Recovered }, Claim(3), null));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(900)]
    public void A_number_passed_over_or_ahead_is_out_of_step(ulong number) =>
        Assert.Equal(
            new ClaimVerdict.OutOfStep(Reason.Resync),
            JudgeClaim.Judge(AtThree, Claim(number, Digest.Of([5])), null));

    [Fact]
    public void The_next_number_with_another_prev_is_a_fork() =>
        Assert.IsType<ClaimVerdict.Fork>(JudgeClaim.Judge(AtThree, Claim(3, Digest.Of([5])), null));

    [Fact]
    public void The_done_of_an_open_grant_rides_in()
    {
        var record = With(Entry(2, DeliveryState.Open, Digest.Of([1]))) with { Prev = Digest.Zero };
        var done = Done(2);
        Assert.Equal(new ClaimVerdict.Answer(true), JudgeClaim.Judge(record, Claim(3, done.Digest), done));
        Assert.IsType<ClaimVerdict.Fork>(JudgeClaim.Judge(record, Claim(3, Digest.Of([5])), null));
        Assert.IsType<ClaimVerdict.Fork>(JudgeClaim.Judge(record, Claim(3, Digest.Zero), null));
    }

    [Fact]
    public void A_done_that_came_alone_before_may_ride_in_again()
    {
        var done = Done(2);
        var entry = Entry(2, DeliveryState.Installed, Digest.Of([1])) with { Done = done.Digest };
        var record = With(entry) with { Prev = done.Digest };
        Assert.Equal(new ClaimVerdict.Answer(false), JudgeClaim.Judge(record, Claim(3, done.Digest), done));
    }

    [Fact]
    public void Another_done_for_a_grant_is_a_fork()
    {
        var first = Done(2);
        var second = Done(2, DeliveryResult.Declined);
        var record = With(Entry(2, DeliveryState.Installed, Digest.Of([1])) with { Done = first.Digest });
        Assert.IsType<ClaimVerdict.Fork>(JudgeClaim.Judge(record, Claim(3, second.Digest), second));
        Assert.IsType<DoneVerdict.Fork>(JudgeClaim.Judge(record, second));
        Assert.IsType<DoneVerdict.Nothing>(JudgeClaim.Judge(record, first));
    }

    [Fact]
    public void A_done_for_a_grant_that_was_not_given_is_a_fork_unless_the_site_has_recovered()
    {
        var record = With(
            Entry(2, DeliveryState.Open, Digest.Of([1])) with { AnswerDigest = Digest.Of([99]) });
        var done = Done(2);
        Assert.IsType<DoneVerdict.Fork>(JudgeClaim.Judge(record, done));
        Assert.IsType<ClaimVerdict.Fork>(JudgeClaim.Judge(record, Claim(3, done.Digest), done));
        var stale = record with { Current = Recovered };
        Assert.Equal(new DoneVerdict.OutOfStep(Reason.ResumeDue), JudgeClaim.Judge(stale, done));
        Assert.Equal(
            new ClaimVerdict.OutOfStep(Reason.ResumeDue),
            JudgeClaim.Judge(stale, Claim(3, done.Digest), done));
    }

    [Fact]
    public void A_done_of_a_void_number_changes_nothing_and_one_of_an_unknown_number_is_out_of_step()
    {
        var record = With(Entry(2, DeliveryState.Void, Digest.Of([1])));
        Assert.IsType<DoneVerdict.Nothing>(JudgeClaim.Judge(record, Done(2)));
        Assert.Equal(new DoneVerdict.OutOfStep(Reason.Resync), JudgeClaim.Judge(record, Done(1)));
        Assert.Equal(
            new DoneVerdict.OutOfStep(Reason.ResumeDue),
            JudgeClaim.Judge(record with { Current = Recovered }, Done(1)));
    }

    [Fact]
    public void A_held_device_gets_nothing()
    {
        var claim = Claim(2);
        var record = With(Entry(2, DeliveryState.Open, claim.Digest)) with { Held = true };
        Assert.IsType<ClaimVerdict.StillHeld>(JudgeClaim.Judge(record, claim, null));
    }

    private static DeliveryRecord With(DeliveryEntry entry) => AtThree with { Entries = [entry] };

    private static DeliveryEntry Entry(ulong number, DeliveryState state, Digest claim) => new()
    {
        Number = number,
        Kid = 1,
        Claim = claim,
        State = state,
        Answer = new byte[] { 1, 2, 3 },
        AnswerDigest = GrantDigest,
        Manifest = Digest.Of([3]),
        Answered = DateTimeOffset.UnixEpoch,
    };

    private static Verified<Claim> Claim(ulong number, Digest? prev = null) => Message.Mac(
        new Claim
        {
            Device = DeviceId.Parse("LAMP-0001").OrThrow(),
            Kid = 1,
            Number = number,
            Prev = prev ?? Prev,
            Product = "lamp",
            Installed = [],
            Nonce = new byte[16],
        },
        Key);

    private static Verified<Done> Done(ulong number, DeliveryResult result = DeliveryResult.Installed) =>
        Message.Mac(
        new Done { Grant = GrantDigest, Number = number, Result = result, Installed = [] }, Key);
}
