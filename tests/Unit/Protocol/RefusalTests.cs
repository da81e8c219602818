using Keywright.Protocol;

namespace Keywright.UnitTests.Protocol;

public class RefusalTests
{
    [Theory]
    [InlineData(Reason.Malformed, "malformed")]
    [InlineData(Reason.ForeignPackage, "foreign-package")]
    [InlineData(Reason.TurnOutOfWindow, "turn-out-of-window")]
    public void A_reason_is_named_in_kebab_case(Reason reason, string name)
    {
        Assert.Equal(name, Refusal.NameOf(reason));
    }

    [Fact]
    public void Every_reason_has_a_name_of_its_own_that_a_log_can_carry()
    {
        var names = Enum.GetValues<Reason>().Select(Refusal.NameOf).ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-z]+(-[a-z]+)*$", name));
    }
}
