using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Device.Chip;

public class KeyStoreTests
{
    private static readonly KeyHandle DeviceKey = new(KeyKind.Device, "kid 1");
    private static readonly KeyAttributes Attributes = new("claim", "hmac-256", 1);
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    [Trait("Req", "P11")]
    public void A_stored_key_is_used_by_handle_after_the_next_boot()
    {
        var silicon = TestChips.Make();
        using (var chip = ChipState.Boot(silicon))
        {
            Assert.Null(Change(chip, Key));
            AssertKey(chip, Key);
        }

        using var again = ChipState.Boot(silicon);

        AssertKey(again, Key);
        Assert.Equal(Attributes, again.KeyStore.Find(DeviceKey).OrThrow().Attributes);
        Assert.Equal((1ul, 1ul, 0ul), Numbers(again));
    }

    [Fact]
    public void Keys_that_are_not_there_or_of_another_size_are_refused()
    {
        using var chip = ChipState.Boot(TestChips.Make());
        Assert.Null(Change(chip, Key.AsSpan(0, 16).ToArray()));

        Assert.Equal(Reason.WrongUsage, Why(chip.KeyStore.Open<MacKey>(DeviceKey)));
        Assert.Equal(
            Reason.UnknownKey, Why(chip.KeyStore.Open<MacKey>(new KeyHandle(KeyKind.Device, "kid 2"))));
        Assert.Equal(
            Reason.UnknownKey, Why(chip.KeyStore.Open<MacKey>(new KeyHandle(KeyKind.Service, "kid 1"))));
    }

    [Fact]
    [Trait("Req", "P11")]
    public void Only_trust_anchors_are_read_back()
    {
        using var chip = ChipState.Boot(TestChips.Make());
        using var draft = chip.KeyStore.Draft();
        Assert.Null(draft.Put(DeviceKey, Attributes, Key));
        Assert.Null(draft.Put(new KeyHandle(KeyKind.TrustAnchor, "owner"), Attributes, [4, 5, 6]));
        Assert.Null(Commit(chip, draft));

        Assert.Equal([4, 5, 6], chip.KeyStore.ReadTrustAnchor("owner").OrThrow());
        Assert.Equal(Reason.UnknownKey, Why(chip.KeyStore.ReadTrustAnchor("kid 1")));
    }

    [Fact]
    public void A_key_that_cannot_be_kept_is_refused()
    {
        using var chip = ChipState.Boot(TestChips.Make());
        using var draft = chip.KeyStore.Draft();

        Assert.Equal(Reason.Malformed, draft.Put(new KeyHandle(KeyKind.Device, ""), Attributes, Key)?.Reason);
        Assert.Equal(Reason.Malformed, draft.Put(DeviceKey, Attributes, [])?.Reason);
        Assert.Equal(Reason.TooLarge, draft.Put(DeviceKey, Attributes, new byte[4097])?.Reason);
        var wordy = Attributes with { Usage = "seventeen letters" };
        Assert.Equal(Reason.TooLarge, draft.Put(DeviceKey, wordy, Key)?.Reason);
        for (var i = 0; i <= KeyStore.MaxKeys; i++)
        {
            Assert.Null(draft.Put(new KeyHandle(KeyKind.Device, $"kid {i}"), Attributes, Key));
        }

        Assert.Equal(Reason.StoreFull, Commit(chip, draft)?.Reason);
        Assert.Equal((0ul, 0ul, 0ul), Numbers(chip));
    }

    [Fact]
    public void Before_personalisation_the_chip_itself_stands_in_for_the_proof()
    {
        using var chip = ChipState.Boot(TestChips.Make());

        Assert.Null(Change(chip, Key));
        Assert.Equal((1ul, 1ul, 0ul), Numbers(chip));
        Assert.Null(Change(chip, Key));
        Assert.Equal((2ul, 2ul, 1ul), Numbers(chip));
        Assert.Null(Change(chip, Key));
        Assert.Equal((3ul, 3ul, 2ul), Numbers(chip));
    }

    [Fact]
    public void After_personalisation_a_change_needs_the_proof_of_the_last_one()
    {
        var silicon = Personalised();
        using var chip = ChipState.Boot(silicon);
        var fingerprint = PowerCutSweep.Fingerprint(chip);

        Assert.Equal(Reason.ProofDue, Change(chip, Key)?.Reason);
        Assert.Equal(fingerprint, PowerCutSweep.Fingerprint(chip));
        Assert.Equal((2ul, 2ul, 1ul), Numbers(chip));

        Show(chip);
        Assert.Equal((2ul, 2ul, 2ul), Numbers(chip));
        Assert.Null(Change(chip, Key));
        Assert.Equal((3ul, 3ul, 2ul), Numbers(chip));
    }

    [Fact]
    [Trait("Req", "K08")]
    public void An_older_flash_and_an_erased_flash_need_a_recovery()
    {
        var silicon = Personalised();
        var older = ((MemoryFlash)silicon.Flash).Snapshot();
        using (var chip = ChipState.Boot(silicon))
        {
            Show(chip);
            Assert.Null(Change(chip, Key));
            using var shown = ChipState.Boot(silicon.WithFlash(older.Snapshot()));
            Assert.Null(shown.KeyStore.RecoveryNeeded);
            Show(chip);
        }

        using var stale = ChipState.Boot(silicon.WithFlash(older));
        using var erased = ChipState.Boot(silicon.WithFlash(new MemoryFlash(64, 4096)));

        Assert.Equal(Reason.StaleBackup, stale.KeyStore.RecoveryNeeded?.Reason);
        Assert.Empty(stale.KeyStore.Keys);
        Assert.Equal(Reason.StaleBackup, Change(stale, Key)?.Reason);
        Assert.Equal(Reason.StaleBackup, erased.KeyStore.RecoveryNeeded?.Reason);
    }

    [Fact]
    [Trait("Req", "K08")]
    public void A_store_is_put_back_when_its_number_is_the_one_issued_or_shown_and_no_other()
    {
        var silicon = Personalised();
        using var chip = ChipState.Boot(silicon);
        using var second = chip.KeyStore.Image();
        Show(chip);
        Assert.Null(Change(chip, [.. Key.Reverse()]));
        using var third = chip.KeyStore.Image();
        var wiped = silicon.WithFlash(new MemoryFlash(64, 4096));

        using (var recovering = ChipState.Boot(wiped))
        {
            Assert.NotNull(recovering.KeyStore.RecoveryNeeded);
            Assert.Null(Restore(recovering, second));
            AssertKey(recovering, Key);
            Assert.Null(Restore(recovering, third));
            AssertKey(recovering, [.. Key.Reverse()]);
            Show(recovering);
            Assert.Equal(Reason.StaleBackup, Restore(recovering, second)?.Reason);
        }

        using var again = ChipState.Boot(wiped);
        AssertKey(again, [.. Key.Reverse()]);
    }

    [Fact]
    public void An_image_is_read_back_and_nothing_else_is()
    {
        using var chip = ChipState.Boot(Personalised());
        using var image = chip.KeyStore.Image();
        using var same = KeyStoreImage.Parse(image.Expose()).OrThrow();
        Assert.Equal(image.Number, same.Number);

        Assert.Equal(Reason.Malformed, Why(KeyStoreImage.Parse([.. image.Expose(), 0])));
        Assert.Equal(Reason.Malformed, Why(KeyStoreImage.Parse(image.Expose()[..^1])));
    }

    /// <summary>
    /// All states of the numbers in which a change can begin, cut everywhere, twice. The check goes on from
    /// there: another change is possible, after a proof at the most, so that nothing is ever bricked.
    /// </summary>
    [Theory]
    [InlineData("first change")]
    [InlineData("c = i, a behind, before personalisation")]
    [InlineData("c = a = i, in the field")]
    [InlineData("c = a, i ahead after a cut")]
    public void After_any_two_power_cuts_the_store_is_old_or_new_and_can_change_again(string situation)
    {
        var silicon = situation switch
        {
            "first change" => TestChips.Make(geometry: new FlashGeometry(16, 4096)),
            "c = i, a behind, before personalisation" => Changed(),
            "c = a = i, in the field" => Shown(),
            _ => CutAfterIssue(),
        };

        var report = PowerCutSweep.Run(
            silicon,
            seed: 31,
            power =>
            {
                using var chip = ChipState.Boot(power);
                Assert.Null(Change(chip, [.. Key.Reverse()]));
            },
            GoOn);

        Assert.True(report is { AsBefore: > 0, AsAfter: > 0 });
        Assert.True(report.Cuts > report.Writes);
    }

    [Fact]
    public void After_any_two_power_cuts_a_proof_was_taken_or_not_and_a_store_restored_or_not()
    {
        var silicon = Personalised();
        using var image = ChipState.Boot(silicon).KeyStore.Image();
        PowerCutSweep.Run(
            silicon,
            seed: 32,
            power =>
            {
                using var chip = ChipState.Boot(power);
                Show(chip);
            },
            GoOn);
        PowerCutSweep.Run(
            silicon,
            seed: 33,
            power =>
            {
                using var chip = ChipState.Boot(power);
                Assert.Null(Restore(chip, image));
            },
            GoOn);
    }

    /// <summary>No number is made twice: the registers say so whatever was cut.</summary>
    [Fact]
    public void A_number_spent_by_a_cut_is_never_used_again()
    {
        var silicon = CutAfterIssue();
        using var chip = ChipState.Boot(silicon);
        Assert.Equal((2ul, 3ul, 2ul), Numbers(chip));

        Assert.Null(Change(chip, Key));

        Assert.Equal((4ul, 4ul, 2ul), Numbers(chip));
    }

    private static void GoOn(ChipState chip)
    {
        for (var i = 0; i < 2; i++)
        {
            if (Change(chip, Key) is { } why)
            {
                Assert.Equal(Reason.ProofDue, why.Reason);
                Show(chip);
                Assert.Null(Change(chip, Key));
            }

            AssertKey(chip, Key);
        }
    }

    private static SoftChip Changed()
    {
        var silicon = TestChips.Make(geometry: new FlashGeometry(16, 4096));
        using var chip = ChipState.Boot(silicon);
        Assert.Null(Change(chip, Key));
        return silicon;
    }

    private static SoftChip Personalised()
    {
        var silicon = Changed();
        using var chip = ChipState.Boot(silicon);
        using var draft = chip.KeyStore.Draft();
        Assert.Null(draft.Put(DeviceKey, Attributes, Key));
        using var transaction = chip.Journal.Begin();
        Assert.Null(chip.KeyStore.Stage(draft, transaction));
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
        transaction.Commit();
        return silicon;
    }

    private static SoftChip Shown()
    {
        var silicon = Personalised();
        using var chip = ChipState.Boot(silicon);
        Show(chip);
        return silicon;
    }

    private static SoftChip CutAfterIssue()
    {
        var silicon = Shown();
        var power = new PowerCut(silicon, 1);
        using var chip = ChipState.Boot(power);
        power.Arm(1, CutKind.Before);
        Assert.Throws<PowerLostException>(() => Change(chip, Key));
        return silicon;
    }

    private static void Show(ChipState chip)
    {
        using var transaction = chip.Journal.Begin();
        chip.KeyStore.MarkShown(transaction);
        transaction.Commit();
    }

    private static Refusal? Change(ChipState chip, byte[] key)
    {
        using var draft = chip.KeyStore.Draft();
        Assert.Null(draft.Put(DeviceKey, Attributes, key));
        return Commit(chip, draft);
    }

    private static Refusal? Commit(ChipState chip, KeyStoreDraft draft)
    {
        using var transaction = chip.Journal.Begin();
        if (chip.KeyStore.Stage(draft, transaction) is { } why)
        {
            return why;
        }

        transaction.Commit();
        return null;
    }

    private static Refusal? Restore(ChipState chip, KeyStoreImage image)
    {
        using var transaction = chip.Journal.Begin();
        if (chip.KeyStore.Restore(image, transaction) is { } why)
        {
            return why;
        }

        transaction.Commit();
        return null;
    }

    private static void AssertKey(ChipState chip, byte[] expected)
    {
        using var key = chip.KeyStore.Open<MacKey>(DeviceKey).OrThrow();
        Assert.Equal(expected, key.Expose().ToArray());
    }

    private static (ulong Number, ulong Issued, ulong Shown) Numbers(ChipState chip) =>
        (chip.KeyStore.Number, chip.Monotonic.StoreIssued, chip.Monotonic.StoreShown);

    private static Reason? Why<T>(Outcome<T> outcome)
        where T : notnull => outcome.Refused(out _, out var why) ? why.Reason : null;
}
