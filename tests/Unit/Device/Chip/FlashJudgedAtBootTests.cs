using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Device.Chip;

/// <summary>
/// Flash that was put back or erased (docs/spec/chip.md §6.4, §7): judged before it moves any register.
/// </summary>
public class FlashJudgedAtBootTests
{
    [Fact]
    public void A_commit_that_the_registers_do_not_take_is_a_bug_and_writes_nothing()
    {
        var power = new PowerCut(TestChips.Make(), 1);
        using (var chip = ChipState.Boot(power))
        {
            power.Restore();
            using var transaction = chip.Journal.Begin();
            Assert.Null(transaction.Put("object", [1]));
            transaction.First(MonotonicUpdate.Issued(1));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
            transaction.Then(MonotonicUpdate.Shown(2));

            Assert.Throws<InvalidOperationException>(transaction.Commit);

            Assert.Empty(power.Writes);
        }

        using var again = ChipState.Boot(power);
        Assert.Empty(again.Journal.Names);
        Assert.Null(again.KeyStore.RecoveryNeeded);
        Assert.Equal((Lifecycle.Blank, 0ul), (again.Monotonic.Lifecycle, again.Monotonic.StoreIssued));
    }

    [Fact]
    public void Updates_may_build_on_those_before_them_in_one_commit()
    {
        using var chip = ChipState.Boot(TestChips.Make());
        using var transaction = chip.Journal.Begin();
        transaction.First(MonotonicUpdate.Issued(2));
        transaction.Then(MonotonicUpdate.Shown(2));
        transaction.Commit();

        Assert.Equal(2ul, chip.Monotonic.StoreShown);
    }

    [Fact]
    public void Flash_of_another_past_needs_a_recovery_and_does_not_stop_the_chip()
    {
        var silicon = TestChips.Make();
        var captured = CutBeforeLastFuse(silicon, chip => Own(chip, "A"));
        var other = silicon.WithFlash(new MemoryFlash(64, 4096));
        using (var chip = ChipState.Boot(other))
        {
            Own(chip, "B");
        }

        for (var i = 0; i < 2; i++)
        {
            using var stale = ChipState.Boot(other.WithFlash(captured));
            Assert.Equal(Reason.StaleBackup, stale.KeyStore.RecoveryNeeded?.Reason);
            Assert.Equal(Digest.Of("B"u8), stale.Monotonic.Owner);
            Assert.Equal(Lifecycle.Blank, stale.Monotonic.Lifecycle);
            Assert.Empty(stale.Journal.Names);
        }

        using var good = ChipState.Boot(other);
        Assert.Null(good.KeyStore.RecoveryNeeded);
    }

    [Fact]
    [Trait("Req", "K08")]
    public void Stale_flash_moves_no_register()
    {
        var silicon = Personalised();
        var good = ((MemoryFlash)silicon.Flash).Snapshot();
        var captured = CutBeforeLastFuse(silicon, chip => Deliver(chip, 9));
        var current = silicon.WithFlash(good);
        for (var i = 0; i < 2; i++)
        {
            using var chip = ChipState.Boot(current);
            Show(chip);
            Change(chip);
        }

        var stale = current.WithFlash(captured);
        using (var chip = ChipState.Boot(stale))
        {
            Assert.Equal(Reason.StaleBackup, chip.KeyStore.RecoveryNeeded?.Reason);
            Assert.Equal(0ul, chip.Monotonic.Delivery.N);
            Assert.Empty(chip.Journal.Names);
        }

        var before = current.Monotonic.State;
        Assert.Equal(before.After(MonotonicUpdate.Booted(before.Boots + 1)), stale.Monotonic.State);
    }

    /// <summary>
    /// What was in stale flash is gone with the recovery: no object stays without its register.
    /// </summary>
    [Fact]
    [Trait("Req", "K08")]
    public void A_store_is_restored_onto_stale_flash_and_nothing_else_of_it_comes_back()
    {
        var silicon = Personalised();
        var captured = ((MemoryFlash)silicon.Flash).Snapshot();
        KeyStoreImage image;
        using (var chip = ChipState.Boot(silicon))
        {
            for (var i = 0; i < 2; i++)
            {
                Show(chip);
                Change(chip);
            }

            image = chip.KeyStore.Image();
        }

        var stale = silicon.WithFlash(captured);
        using (image)
        using (var chip = ChipState.Boot(stale))
        {
            using var transaction = chip.Journal.Begin();
            Assert.Null(chip.KeyStore.Restore(image, transaction));
            transaction.Commit();
        }

        using var again = ChipState.Boot(stale);
        Assert.Null(again.KeyStore.RecoveryNeeded);
        Assert.Equal(4ul, again.KeyStore.Number);
        Assert.Equal([KeyStore.ObjectName], again.Journal.Names);
    }

    /// <summary>
    /// The record tells the store's number: a page that rotted keeps nothing else from the chip.
    /// </summary>
    [Fact]
    public void A_rotten_page_of_the_store_needs_a_recovery_and_leaves_the_rest()
    {
        var silicon = TestChips.Make();
        using (var chip = ChipState.Boot(silicon))
        {
            Change(chip, Lifecycle.Personalised);
        }

        const int PageOfStore = 9;
        var image = Image(silicon.Flash);
        image[PageOfStore * 4096] ^= 1;
        var rotten = silicon.WithFlash(FlashOf(image));
        using var damaged = ChipState.Boot(rotten);

        Assert.Equal(Reason.StaleBackup, damaged.KeyStore.RecoveryNeeded?.Reason);
        Assert.Equal([1], damaged.Journal.ReadAll("object").OrThrow());
    }

    [Theory]
    [InlineData(Lifecycle.Provisioned)]
    [InlineData(Lifecycle.Personalised)]
    [Trait("Req", "K08")]
    public void A_chip_whose_flash_was_erased_after_its_first_store_needs_a_recovery(Lifecycle reached)
    {
        var silicon = TestChips.Make();
        using (var chip = ChipState.Boot(silicon))
        {
            Change(chip, reached);
            Assert.Equal(0ul, chip.Monotonic.StoreShown);
        }

        using var erased = ChipState.Boot(silicon.WithFlash(new MemoryFlash(64, 4096)));

        Assert.Equal(Reason.StaleBackup, erased.KeyStore.RecoveryNeeded?.Reason);
        using var draft = erased.KeyStore.Draft();
        using var transaction = erased.Journal.Begin();
        Assert.Equal(Reason.StaleBackup, erased.KeyStore.Stage(draft, transaction)?.Reason);
        Assert.Null(transaction.Put("object", [1]));
        Assert.Throws<InvalidOperationException>(transaction.Commit);
    }

    [Fact]
    [Trait("Req", "K08")]
    public void A_personalised_chip_takes_no_flash_from_before_its_first_store()
    {
        var silicon = TestChips.Make();
        using var chip = ChipState.Boot(silicon);
        using (var transaction = chip.Journal.Begin())
        {
            Assert.Null(transaction.Put("receipt", [1]));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
            transaction.Commit();
        }

        var captured = ((MemoryFlash)silicon.Flash).Snapshot();
        using (var provisioned = ChipState.Boot(silicon.WithFlash(captured.Snapshot())))
        {
            Assert.Null(provisioned.KeyStore.RecoveryNeeded);
        }

        Change(chip, Lifecycle.Personalised);
        Assert.Equal(0ul, chip.Monotonic.StoreShown);

        using var older = ChipState.Boot(silicon.WithFlash(captured));
        Assert.Equal(Reason.StaleBackup, older.KeyStore.RecoveryNeeded?.Reason);
    }

    [Fact]
    public void No_chip_is_personalised_without_a_key_store_nor_without_a_commit()
    {
        var silicon = TestChips.Make();
        using var chip = ChipState.Boot(silicon);
        using (var transaction = chip.Journal.Begin())
        {
            Assert.Null(transaction.Put("object", [1]));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
            Assert.Throws<InvalidOperationException>(transaction.Commit);
        }

        Assert.Throws<ArgumentException>(() => chip.Raise(MonotonicUpdate.Reached(Lifecycle.Personalised)));
        Assert.Equal(Lifecycle.Blank, silicon.Monotonic.State.Lifecycle);
    }

    [Fact]
    [Trait("Req", "P09")]
    public void An_order_without_keys_leaves_a_store_too()
    {
        var data = AssetContent.Of(1, AssetKind.Data, AssetStorage.FlashObject, new byte[10]);
        var silicon = TestChips.Make();

        Assert.Null(new ProvisioningBench([data]).Provision(silicon).Refusal);

        using var chip = ChipState.Boot(silicon);
        Assert.Equal((1ul, 0), (chip.KeyStore.Number, chip.KeyStore.Keys.Count));
    }

    private static SoftChip Personalised()
    {
        var silicon = TestChips.Make();
        using var chip = ChipState.Boot(silicon);
        Change(chip, Lifecycle.Provisioned);
        Change(chip, Lifecycle.Personalised);
        return silicon;
    }

    private static void Own(ChipState chip, string owner)
    {
        using var transaction = chip.Journal.Begin();
        Assert.Null(transaction.Put("object", [1]));
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Blank));
        transaction.Then(MonotonicUpdate.OwnedBy(Digest.Of(System.Text.Encoding.ASCII.GetBytes(owner))));
        transaction.Commit();
    }

    private static void Deliver(ChipState chip, ulong n)
    {
        using var transaction = chip.Journal.Begin();
        Assert.Null(transaction.Put("done", [1]));
        transaction.Then(MonotonicUpdate.Delivered(n, Digest.Of("done"u8)));
        transaction.Commit();
    }

    private static void Change(ChipState chip, Lifecycle reached = Lifecycle.Blank)
    {
        using var draft = chip.KeyStore.Draft();
        Assert.Null(draft.Put(new KeyHandle(KeyKind.Device, "1"), new KeyAttributes("", "", 1), new byte[32]));
        using var transaction = chip.Journal.Begin();
        Assert.Null(transaction.Put("object", [1]));
        Assert.Null(chip.KeyStore.Stage(draft, transaction));
        transaction.Then(MonotonicUpdate.Reached(reached));
        transaction.Commit();
    }

    private static void Show(ChipState chip)
    {
        using var transaction = chip.Journal.Begin();
        chip.KeyStore.MarkShown(transaction);
        transaction.Commit();
    }

    /// <summary>The flash after a commit whose record stands and whose last register does not.</summary>
    private static MemoryFlash CutBeforeLastFuse(SoftChip silicon, Action<ChipState> work)
    {
        var probe = new PowerCut(silicon.Snapshot(), 1);
        using (var chip = ChipState.Boot(probe))
        {
            work(chip);
        }

        var power = new PowerCut(silicon, 1);
        power.Arm(probe.Writes.Count - 1, CutKind.Before);
        using (var chip = ChipState.Boot(power))
        {
            Assert.Throws<PowerLostException>(() => work(chip));
        }

        return ((MemoryFlash)silicon.Flash).Snapshot();
    }

    private static byte[] Image(IFlash flash)
    {
        var image = new byte[flash.PageCount * flash.PageSize];
        flash.Read(0, image);
        return image;
    }

    private static MemoryFlash FlashOf(byte[] image)
    {
        var flash = new MemoryFlash(64, 4096);
        for (var offset = 0; offset < image.Length; offset += IFlash.WordSize)
        {
            flash.ProgramWord(offset, image.AsSpan(offset, IFlash.WordSize));
        }

        return flash;
    }
}
