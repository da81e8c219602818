using System.Text;
using Keywright.Chips;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Owner.Provisioning;

/// <summary>A station's account held against the receipts: chips outweigh stations.</summary>
public class AccountForLotTests
{
    private static readonly ProvisioningBench Bench = new();
    private static readonly SoftChip[] Chips =
        [.. Enumerable.Range(1, 7).Select(number => TestChips.Make((ulong)number))];

    private static readonly IReadOnlyList<ListedChips> Lists = [TestLists.Of(Chips[..6])];

    [Fact]
    [Trait("Req", "P14")]
    public void Issued_is_provisioned_failed_scrapped_and_open_together()
    {
        var count = Count(0, 1, 2);
        var account = Account(
            Row(0, "provisioned"), Row(1, "provisioned"), Row(2, "scrapped", "OEM"), Row(3, "failed", "chip maker"),
            Row(4, "scrapped"), Row(5, "open"));

        var lot = AccountForLot.Run(count, Lists, account).OrThrow();

        Assert.Equal([Id(0), Id(1)], lot.Provisioned);
        Assert.Equal(Id(3), Assert.Single(lot.Failed).Chip);
        Assert.Equal([Id(2), Id(4)], lot.Scrapped.Select(chip => chip.Chip));
        Assert.Equal([Id(5)], lot.Open);
        Assert.Equal(6, lot.Issued);
        Assert.Empty(lot.Contradictions);
        Assert.Equal("OEM", lot.Scrapped[0].ReturnedTo);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void A_station_that_lies_is_contradicted_by_its_chips_and_makes_none_provisioned()
    {
        var count = Count(0, 1);
        var account = Account(Row(0, "failed"), Row(2, "provisioned"), Row(6, "failed"));

        var lot = AccountForLot.Run(count, Lists, account).OrThrow();

        Assert.Equal([Id(0), Id(1)], lot.Provisioned);
        Assert.Equal([Id(2)], lot.Open);
        Assert.Empty(lot.Failed);
        Assert.Equal(3, lot.Issued);
        Assert.Equal(
            [
                (Id(0), "its receipt came, and the station calls it failed"),
                (Id(1), "its receipt came, and the station does not know it"),
                (Id(2), "the station calls it provisioned, and no good receipt came"),
                (Id(6), "the station tells of it, and it is in no chip list"),
            ],
            lot.Contradictions.Select(fault => (fault.Chip, fault.What)));
    }

    [Fact]
    [Trait("Req", "P14")]
    public void Scrap_is_not_told_to_the_site_unless_it_was_before()
    {
        var first = Count(0);
        var told = SignCount.Run(first, Bench.OrderKey).OrThrow();
        var second = Count(told.Content, 0, 1, 2);
        var lot = AccountForLot.Run(
            second, Lists, Account(Row(0, "scrapped"), Row(1, "scrapped"), Row(2, "provisioned"))).OrThrow();

        var counted = SignCount.Run(second, Bench.OrderKey, lot.Scrapped).OrThrow();

        Assert.Equal(
            new[] { Id(0), Id(2) }.Order(Comparer<ChipId>.Create((a, b) => string.CompareOrdinal($"{a}", $"{b}"))),
            counted.Content.Chips.Select(leaf => leaf.Chip).OrderBy(chip => chip.ToString(), StringComparer.Ordinal));
        Assert.Equal("it was scrapped after it was counted", Assert.Single(lot.Contradictions).What);
    }

    [Fact]
    public void Without_an_account_every_counted_chip_is_provisioned_and_nothing_is_contradicted()
    {
        var lot = AccountForLot.Run(Count(0, 1), Lists, null).OrThrow();

        Assert.Equal(2, lot.Issued);
        Assert.Equal(2, lot.Provisioned.Count);
        Assert.Empty(lot.Contradictions);
    }

    [Fact]
    public void An_account_of_another_order_is_refused()
    {
        var other = new StationAccount(Digest.Zero, new Dictionary<ChipId, ClaimedChip>());

        Assert.Equal(
            Reason.ForeignReceipt,
            AccountForLot.Run(Count(0), Lists, other).Refused(out _, out var why) ? why.Reason : (Reason?)null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"order":"00","chips":[]}""")]
    [InlineData("""{"order":"ORDER"}""")]
    [InlineData("""{"order":"ORDER","chips":{}}""")]
    [InlineData("""{"order":"ORDER","chips":[{}]}""")]
    [InlineData("""{"order":"ORDER","chips":[1]}""")]
    [InlineData("""{"order":"ORDER","order":"ORDER","chips":[]}""")]
    [InlineData("""{"order":"ORDER","chips":[{"chip":"01","standing":"open","serial":null,"what":null,"returned":null}]}""")]
    [InlineData("""{"order":"ORDER","chips":[{"chip":"CHIP","standing":"sold","serial":null,"what":null,"returned":null}]}""")]
    [InlineData("""{"order":"ORDER","chips":[{"chip":"CHIP","standing":"open","serial":7,"what":null,"returned":null}]}""")]
    [InlineData("""{"order":"ORDER","chips":[{"chip":"CHIP","standing":"open","serial":"LONG","what":null,"returned":null}]}""")]
    [InlineData("""{"order":"ORDER","chips":[GOOD,GOOD]}""")]
    public void What_is_no_account_is_malformed(string json)
    {
        var good = $$"""{"chip":"{{Id(0)}}","standing":"open","serial":null,"what":null,"returned":null}""";
        var text = json.Replace("GOOD", good, StringComparison.Ordinal)
            .Replace("ORDER", Bench.Order.Digest.ToString(), StringComparison.Ordinal)
            .Replace("CHIP", Id(0).ToString(), StringComparison.Ordinal)
            .Replace("LONG", new string('x', 129), StringComparison.Ordinal);

        Assert.Equal(
            Reason.Malformed,
            StationAccount.Parse(Encoding.UTF8.GetBytes(text)).Refused(out _, out var why) ? why.Reason : (Reason?)null);
    }

    [Fact]
    public void An_endless_account_is_too_large()
    {
        Assert.Equal(
            Reason.TooLarge,
            StationAccount.Parse(new byte[(64 << 20) + 1]).Refused(out _, out var why) ? why.Reason : (Reason?)null);
    }

    private static ChipId Id(int index) => Chips[index].Immutable.ChipId;

    private static ReceiptCount Count(params int[] chips) => Count(null, chips);

    private static ReceiptCount Count(CountedChips? before, params int[] chips) => CountReceipts.Run(
        Bench.Order, Lists, chips.Select(index => new ReadOnlyMemory<byte>(ReceiptOf(index))), before);

    private static byte[] ReceiptOf(int index) => Bench.Provision(Chips[index].Snapshot()).Receipt;

    private static StationAccount Account(params string[] rows) => StationAccount.Parse(Encoding.UTF8.GetBytes(
        $$"""{"order":"{{Bench.Order.Digest}}","chips":[{{string.Join(',', rows)}}]}""")).OrThrow();

    private static string Row(int index, string standing, string? returned = null) =>
        $$"""
        {"chip":"{{Id(index)}}","standing":"{{standing}}","serial":"K-{{index}}","what":null,
        "returned":{{(returned is null ? "null" : $"\"{returned}\"")}}}
        """;
}
