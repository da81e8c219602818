using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Owner.Provisioning;

public sealed class CountReceiptsTests
{
    private static readonly ProvisioningBench Bench = new();
    private static readonly SoftChip[] Chips = [.. Enumerable.Range(1, 4).Select(
        number => TestChips.Make((ulong)number))];
    private static readonly byte[][] Receipts = [.. Chips.Select(chip => Bench.Provision(chip).Receipt)];
    private static readonly ListedChips List = TestLists.Of(Chips);

    [Fact]
    [Trait("Req", "P14")]
    public void Distinct_good_chips_are_what_was_issued()
    {
        var count = Count(Receipts[0], Receipts[1], Receipts[0]);

        Assert.Equal(2, count.Issued);
        Assert.Equal([Chips[0].Immutable.ChipId], count.Repeated);
        Assert.Empty(count.Refused);
        Assert.Empty(count.OverQuota);
        Assert.Equal(2, count.ByPackage[Bench.Sealed.Digest]);
    }

    [Fact]
    [Trait("Req", "P13")]
    [Trait("Req", "P14")]
    public void Chips_above_the_quota_are_named()
    {
        var order = Message.Sign(Bench.Order.Content with { Quota = 3 }, Bench.OrderKey);
        var receipts = Chips.Select(chip => TestChips.Make(Number(chip)))
            .Select(chip => Bench.Provision(chip, Bench.Inputs.With("order", order.Bytes)).Receipt);

        var count = CountReceipts.Run(
            order, [List], receipts.Select(receipt => new ReadOnlyMemory<byte>(receipt)));

        Assert.Equal(4, count.Issued);
        Assert.Equal([Chips[3].Immutable.ChipId], count.OverQuota);
    }

    [Fact]
    [Trait("Req", "P13")]
    public void An_earlier_package_of_the_same_order_on_fresh_chips_is_seen_in_the_count()
    {
        using var sealer = BootedDevice.Boot(Bench.Sealer.Snapshot());
        var later = SealPackage.Again(
            sealer, ProvisioningBench.Program, TestChips.ChipMaker.Public, Bench.OrderKey.Public.Id,
            Bench.Assets, Bench.Keeps).OrThrow();
        var order = Bench.Sign(Bench.Sealed.Package, later.Package);
        var inputs = new[]
        {
            Bench.Inputs.With("order", order.Bytes),
            Bench.Inputs.With("order", order.Bytes).With("package", later.Package).With("unlock", Bench.UnlockOf(later)),
            Bench.Inputs.With("order", order.Bytes),
        };

        var count = CountReceipts.Run(order, [List], inputs.Select((host, index) =>
            (ReadOnlyMemory<byte>)Bench.Provision(TestChips.Make((ulong)index + 1), host).Receipt));

        Assert.Equal(3, count.Issued);
        Assert.Equal(2, count.ByPackage[Bench.Sealed.Digest]);
        Assert.Equal(1, count.ByPackage[later.Digest]);
    }

    [Fact]
    [Trait("Req", "P14")]
    public void Chips_that_were_counted_stay_counted_whatever_comes_later()
    {
        var order = Message.Sign(Bench.Order.Content with { Quota = 2 }, Bench.OrderKey);
        var receipts = Chips.Select(chip => (ReadOnlyMemory<byte>)Bench.Provision(
            TestChips.Make(Number(chip)), Bench.Inputs.With("order", order.Bytes)).Receipt).ToList();
        var ids = Chips.Select(chip => chip.Immutable.ChipId).ToList();

        var first = CountReceipts.Run(order, [List], [receipts[3], receipts[2]]);
        var told = SignCount.Run(first, Bench.OrderKey).OrThrow().Content;
        var second = CountReceipts.Run(order, [List], receipts, told);

        Assert.Equal(4, second.Issued);
        Assert.Equal([ids[0], ids[1]], second.OverQuota);
        Assert.Equal(Sorted(ids[2], ids[3]), Sorted([.. Told(second)]));

        var withoutTheirReceipts = CountReceipts.Run(order, [List], receipts.Take(1), told);
        Assert.Equal(3, withoutTheirReceipts.Issued);
        Assert.Equal([ids[0]], withoutTheirReceipts.OverQuota);
        Assert.Equal(Sorted(ids[2], ids[3]), Sorted([.. Told(withoutTheirReceipts)]));
    }

    [Fact]
    public void A_chip_that_is_in_no_list_is_unknown()
    {
        var stranger = TestChips.Make(77);

        Refused(Reason.UnknownChip, Bench.Provision(stranger).Receipt);
    }

    [Fact]
    [Trait("Req", "P13")]
    public void A_receipt_that_the_factory_made_up_is_foreign()
    {
        var forger = SigningKey.Generate(new SeededNoise(5));
        var genuine = Message.Parse<Receipt>(Receipts[0]).OrThrow().Claimed;

        Refused(Reason.ForeignReceipt, Message.Sign(
            genuine with { Identity = forger.Public }, forger).Bytes.ToArray());
        Refused(Reason.ForeignReceipt, Message.Sign(genuine, forger).Bytes.ToArray());
    }

    [Fact]
    public void A_receipt_for_another_order_is_foreign()
    {
        var other = new ProvisioningBench(seed: 8);

        Refused(Reason.ForeignReceipt, other.Provision(TestChips.Make(1)).Receipt);
    }

    [Fact]
    public void What_only_a_broken_chip_would_sign_is_named()
    {
        using var state = ChipState.Boot(Chips[0]);
        var genuine = Message.Parse<Receipt>(Receipts[0]).OrThrow().Claimed;
        byte[] Sign(Receipt receipt) => Message.Sign(receipt, state.Keys.Identity).Bytes.ToArray();

        Refused(Reason.ForeignPackage, Sign(genuine with { Package = Digest.Zero }));
        Refused(Reason.WrongLifecycle, Sign(genuine with { Lifecycle = 0 }));
        Refused(Reason.WrongLifecycle, Sign(genuine with { Debug = true }));
        Refused(Reason.ForeignReceipt, Sign(
            genuine with { Kem = HpkePrivateKey.Generate(new SeededNoise(5)).Public }));
    }

    [Fact]
    public void A_chip_of_a_lot_that_was_not_ordered_does_not_count()
    {
        var lists = TestLists.Of([TestChips.Make(1, lot: 9)], lot: 9);

        var count = CountReceipts.Run(Bench.Order, [lists], [Receipts[0]]);

        Assert.Equal(Reason.WrongLot, Assert.Single(count.Refused).Refusal.Reason);
    }

    [Fact]
    public void Every_changed_bit_of_a_receipt_is_refused()
    {
        var changed = Enumerable.Range(0, Receipts[0].Length * 8).Select(bit =>
        {
            var receipt = Receipts[0].ToArray();
            receipt[bit / 8] ^= (byte)(1 << (bit % 8));
            return receipt;
        });

        var count = Count([.. changed]);

        Assert.Equal(0, count.Issued);
        Assert.Equal(Receipts[0].Length * 8, count.Refused.Count);
    }

    [Fact]
    [Trait("Req", "I03")]
    public void Every_changed_bit_of_a_chip_list_and_its_leaves_is_refused()
    {
        var signed = TestLists.Sign(Chips.Take(2));
        byte[][] good = [signed.List.Bytes.ToArray(), signed.Leaves];
        for (var which = 0; which < good.Length; which++)
        {
            for (var bit = 0; bit < good[which].Length * 8; bit++)
            {
                byte[][] changed = [good[0].ToArray(), good[1].ToArray()];
                changed[which][bit / 8] ^= (byte)(1 << (bit % 8));

                Assert.True(ListedChips.Verify(changed[0], changed[1], TestChips.ChipMaker.Public).Refused(
                    out _, out _));
            }
        }
    }

    [Fact]
    public void A_list_with_other_leaves_is_refused()
    {
        var signed = TestLists.Sign(Chips.Take(2));
        var other = TestLists.Sign(Chips.Skip(2));

        Assert.True(ListedChips.Verify(signed.List.Bytes, other.Leaves, TestChips.ChipMaker.Public).Refused(
            out _, out var why));
        Assert.Equal(Reason.BadProof, why.Reason);
        Assert.True(ListedChips.Verify(
            signed.List.Bytes, signed.Leaves.AsSpan(1), TestChips.ChipMaker.Public).Refused(out _, out why));
        Assert.Equal(Reason.Malformed, why.Reason);
    }

    [Fact]
    public void A_chip_maker_lists_each_chip_of_one_lot_once()
    {
        var facts = TestLists.FactsOf(Chips[0]);

        ListRefused(Reason.Malformed, TestChips.Family, 1, facts, facts);
        ListRefused(Reason.WrongLot, TestChips.Family, 2, facts);
        ListRefused(Reason.WrongFamily, "other", 1, facts);
    }

    [Fact]
    public void An_order_is_signed_over_packages_of_the_same_owner_and_family_only()
    {
        var other = new ProvisioningBench(seed: 8);

        OrderRefused(Reason.WrongOwner, ProvisioningBench.OrderOf(), other.Sealed.Package);
        OrderRefused(
            Reason.WrongFamily, ProvisioningBench.OrderOf() with { Family = "other" }, Bench.Sealed.Package);
        OrderRefused(Reason.DamagedPackage, ProvisioningBench.OrderOf(), Bench.Sealed.Package[..^1]);
        OrderRefused(Reason.Malformed, ProvisioningBench.OrderOf() with { Id = "" }, Bench.Sealed.Package);
        OrderRefused(Reason.Malformed, ProvisioningBench.OrderOf());
    }

    private static void ListRefused(
        Reason reason, string family, uint lot, params Keywright.Protocol.Commands.ChipFacts[] chips)
    {
        Assert.True(FabricateChips.List(family, lot, chips, TestChips.ChipMaker).Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }

    private static void OrderRefused(Reason reason, Order order, params byte[][] packages)
    {
        Assert.True(SignOrder.Run(
            order, [.. packages.Select(package => new ReadOnlyMemory<byte>(package))], Bench.OrderKey)
            .Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }

    private static ulong Number(SoftChip chip) => (ulong)Array.IndexOf(Chips, chip) + 1;

    private static IEnumerable<ChipId> Told(ReceiptCount count) =>
        SignCount.Run(count, Bench.OrderKey).OrThrow().Content.Chips.Select(leaf => leaf.Chip);

    private static IEnumerable<string> Sorted(params ChipId[] chips) =>
        chips.Select(chip => chip.ToString()).Order(StringComparer.Ordinal);

    private static ReceiptCount Count(params byte[][] receipts) =>
        CountReceipts.Run(Bench.Order, [List], receipts.Select(receipt => new ReadOnlyMemory<byte>(receipt)));

    private static void Refused(Reason reason, byte[] receipt)
    {
        var count = Count(receipt, Receipts[1]);

        Assert.Equal(reason, Assert.Single(count.Refused).Refusal.Reason);
        Assert.Equal(1, count.Issued);
    }
}
