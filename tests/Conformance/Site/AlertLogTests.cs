using Keywright.Protocol;
using Keywright.Site;

namespace Keywright.ConformanceTests.Site;

public class AlertLogTests
{
    [Theory]
    [MemberData(nameof(SiteStores.Kinds), MemberType = typeof(SiteStores))]
    public void Alerts_are_kept_with_all_they_say_and_the_newest_comes_first(string kind)
    {
        using var stores = SiteStores.Open(kind);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123);
        var bare = new Alert(at, Reason.UnknownStation, "who is this?");
        var whole = new Alert(at, Reason.UsedTurn, "another Take at turn 4")
        {
            Chip = ChipId.FromRandom(new byte[16]),
            Device = DeviceId.Parse("SN-1").OrThrow(),
            Station = "line-1",
            Factory = "Shenzhen",
        };
        stores.Alerts.Raise(bare);
        stores.Alerts.Raise(whole);

        stores.Reopen();
        Assert.Equal([whole, bare], stores.Alerts.Newest(10));
        Assert.Equal([whole], stores.Alerts.Newest(1));
    }
}
