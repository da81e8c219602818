using Keywright.Protocol;

namespace Keywright.UnitTests.Protocol;

public class OutcomeTests
{
    [Fact]
    public void An_outcome_that_nobody_decided_is_a_bug()
    {
        Outcome<string> undecided = default;

        Assert.Throws<InvalidOperationException>(() => undecided.Refused(out _, out _));
        Assert.Throws<InvalidOperationException>(() => undecided.OrThrow());
        Assert.Throws<InvalidOperationException>(() => default(Outcome<Digest>).OrThrow());
    }

    [Fact]
    public void A_value_is_not_refused()
    {
        Outcome<string> outcome = "package";

        Assert.False(outcome.Refused(out var value, out var why));
        Assert.Equal("package", value);
        Assert.Null(why);
    }

    [Fact]
    public void A_refusal_carries_no_value()
    {
        Outcome<string> outcome = new Refusal(Reason.WrongLot, "lot 3 of 2");

        Assert.True(outcome.Refused(out var value, out var why));
        Assert.Null(value);
        Assert.Equal("wrong-lot: lot 3 of 2", why.ToString());
    }

    /// <summary>The default of a value type is a value: only the way it came in decides.</summary>
    [Fact]
    public void A_refused_number_is_refused()
    {
        Outcome<int> outcome = new Refusal(Reason.Malformed, "not a number");

        Assert.True(outcome.Refused(out _, out var why));
        Assert.Equal(Reason.Malformed, why.Reason);
    }

    [Fact]
    public void Taking_the_value_of_a_refusal_is_a_bug()
    {
        Outcome<string> outcome = new Refusal(Reason.WrongLot, "lot 3 of 2");

        var thrown = Assert.Throws<InvalidOperationException>(() => outcome.OrThrow());
        Assert.Contains("wrong-lot", thrown.Message);
    }
}
