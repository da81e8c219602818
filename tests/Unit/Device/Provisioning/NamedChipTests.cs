using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>A package in chip mode: chips that an unlock names open it, and no other.</summary>
[Trait("Req", "P15")]
public sealed class NamedChipTests
{
    private static readonly ProvisioningBench Bench = new(mode: PackageMode.Chip);
    private static readonly ProvisioningBench Family = new();
    private static readonly SoftChip[] Chips = [TestChips.Make(1), TestChips.Make(2), TestChips.Make(3)];
    private static readonly NamedBench Named = new(Bench, Chips);

    [Fact]
    public void Every_named_chip_installs_the_package_and_says_so()
    {
        foreach (var chip in Chips.Select(chip => chip.Snapshot()))
        {
            var (refusal, receipt) = Bench.Provision(chip, Named.InputsFor(chip));

            Assert.Null(refusal);
            Assert.Equal(Bench.Sealed.Digest, Message.Parse<Receipt>(receipt).OrThrow().Claimed.Package);
            using var state = ChipState.Boot(chip);
            using var key = state.KeyStore.Open<SealKey>(new KeyHandle(KeyKind.Provisioned, "1")).OrThrow();
            Assert.Equal(Bench.Assets[0].Content.ToArray(), key.Expose());
        }
    }

    [Fact]
    public void The_unlock_of_another_chip_is_refused()
    {
        Refused(Reason.UnlockMismatch, Named.InputsFor(Chips[1]));
    }

    [Fact]
    public void The_unlock_of_another_chip_under_this_chips_name_is_refused()
    {
        var theirs = Named.UnlockFor(Chips[1]);
        Chips[0].Immutable.ChipId.ToArray().CopyTo(theirs.AsSpan(3));
        Assert.Equal(
            Named.UnlockFor(Chips[0]).AsSpan(0, 20).ToArray(), theirs.AsSpan(0, 20).ToArray());

        Refused(Reason.UnlockMismatch, Named.InputsFor(Chips[0]).With("unlock", theirs));
    }

    [Fact]
    public void The_unlock_of_the_same_chip_for_another_package_is_refused()
    {
        var other = new NamedBench(new ProvisioningBench(sealer: 1009, mode: PackageMode.Chip), Chips);

        Refused(Reason.UnlockMismatch, Named.InputsFor(Chips[0]).With("unlock", other.UnlockFor(Chips[0])));
    }

    [Fact]
    public void A_familys_unlock_opens_no_package_for_named_chips_nor_the_reverse()
    {
        Refused(Reason.UnlockMismatch, Named.InputsFor(Chips[0]).With("unlock", Family.Unlock));
        Refused(Reason.UnlockMismatch, Named.InputsFor(Chips[0]).With("command", "provision"u8.ToArray()));
        Refused(Reason.UnlockMismatch, Family.Inputs.With("unlock", Named.UnlockFor(Chips[0])));
        Refused(Reason.UnlockMismatch, Family.Inputs.With("command", "provision-named"u8.ToArray()));
    }

    [Fact]
    public void A_familys_order_takes_no_package_for_named_chips()
    {
        var order = Message.Sign(Bench.Order.Content with { Mode = PackageMode.Family }, Bench.OrderKey);

        Refused(Reason.ForeignPackage, Named.InputsFor(Chips[0]).With("order", order.Bytes));
    }

    [Fact]
    public void Whoever_seals_to_a_chip_himself_opens_nothing()
    {
        // Everybody may seal to a chip's public key: with a share of his own the package does not verify.
        var chip = Chips[0].Immutable.ChipId;
        var header = PackageDigest.ParseHeader(Bench.Sealed.Package).OrThrow();
        var own = Keywright.Protocol.Sealing.HpkeSealer.Seal(
            new byte[32],
            CborItem.Array("provisioning", 1, "chip unlock", header.Hash, chip),
            [NamedBench.FactsOf(Chips[0]).Kem],
            new SeededNoise(5));

        Refused(
            Reason.DamagedPackage,
            Named.InputsFor(Chips[0]).With("unlock", CborItem.Array(1, chip, own)));
    }

    [Fact]
    public void A_program_of_another_epoch_opens_no_unlock_of_this_one()
    {
        var blind = ProvisioningBench.SignText(
            ProvisioningBench.ProgramText.Replace(
                "header.epoch = program.epoch", "header.epoch = header.epoch", StringComparison.Ordinal),
            epoch: 2);

        Refused(Reason.UnlockMismatch, Named.InputsFor(Chips[0]).With("program", blind));
    }

    [Fact]
    public void Every_changed_bit_of_an_unlock_is_refused()
    {
        var chip = Chips[0].Snapshot();
        using var booted = BootedDevice.Boot(chip);
        var inputs = Named.InputsFor(chip);
        var good = Named.UnlockFor(chip);
        foreach (var (bit, changed) in SingleBits.Of(good))
        {
            Assert.True(
                booted.Execute("provisioning", inputs.With("unlock", changed)) is not null, $"bit {bit} was taken");
        }

        Assert.Null(booted.Execute("provisioning", inputs.With("unlock", good)));
    }

    private static void Refused(Reason reason, MemoryHost inputs)
    {
        var chip = Chips[0].Snapshot();
        var (refusal, receipt) = Bench.Provision(chip, inputs);

        Assert.Equal(reason, refusal?.Reason);
        Assert.Empty(receipt);
        Assert.Equal(Lifecycle.Blank, chip.Monotonic.State.Lifecycle);
    }
}
