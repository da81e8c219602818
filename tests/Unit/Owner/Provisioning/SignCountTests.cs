using Keywright.Chips;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Owner.Provisioning;

public class SignCountTests
{
    private static readonly SigningKey OrderKey = SigningKey.Generate(new SeededNoise(1));
    private static readonly Verified<Order> Order = Message.Sign(
        ProvisioningBench.OrderOf() with { Quota = 2, Packages = [Digest.Of("package"u8)] }, OrderKey);

    [Fact]
    [Trait("Req", "P14")]
    public void The_site_is_told_the_good_chips_within_the_quota_by_rising_chip_id()
    {
        var receipts = Enumerable.Range(1, 3).Select(Receipt).ToList();
        var count = new ReceiptCount(Order, receipts, [receipts[2].Content.Chip], [], []);

        var signed = SignCount.Run(count, OrderKey).OrThrow();
        var read = CountedChips.Verify(signed.Bytes, Order.Digest, OrderKey.Public).OrThrow().Content;

        Assert.Equal(
            receipts.Take(2).Select(receipt => receipt.Content)
                .Select(receipt => new ChipLeaf(receipt.Chip, receipt.Identity, receipt.Kem))
                .OrderBy(leaf => leaf.Chip.ToString(), StringComparer.Ordinal),
            read.Chips);
    }

    [Fact]
    public void What_was_counted_under_another_order_or_by_somebody_else_is_refused()
    {
        var signed = SignCount.Run(new ReceiptCount(Order, [Receipt(1)], [], [], []), OrderKey).OrThrow();

        Refused(Reason.ForeignReceipt, signed.Bytes, Digest.Zero, OrderKey.Public);
        Refused(
            Reason.BadSignature, signed.Bytes, Order.Digest, SigningKey.Generate(new SeededNoise(2)).Public);
    }

    [Fact]
    [Trait("Req", "I03")]
    public void Every_changed_bit_is_refused()
    {
        var good = SignCount.Run(new ReceiptCount(Order, [Receipt(1)], [], [], []), OrderKey).OrThrow().Bytes;
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var changed = good.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.True(
                CountedChips.Verify(changed, Order.Digest, OrderKey.Public).Refused(out _, out _), $"bit {bit}");
        }
    }

    private static void Refused(Reason reason, ReadOnlyMemory<byte> counted, Digest order, PublicKey key)
    {
        Assert.True(CountedChips.Verify(counted, order, key).Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }

    private static Verified<Receipt> Receipt(int number)
    {
        var identity = SigningKey.Generate(new SeededNoise((ulong)number));
        return Message.Sign(
            new Receipt(
                TestChips.Immutable((ulong)number).ChipId,
                Order.Digest,
                Order.Content.Packages[0],
                1,
                false,
                identity.Public,
                HpkePrivateKey.Generate(new SeededNoise((ulong)number)).Public),
            identity);
    }
}
