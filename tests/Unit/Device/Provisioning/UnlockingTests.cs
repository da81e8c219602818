using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>
/// At the OEM's desk, whatever runs there: an unlock is made for a chip that its maker listed, for a package of
/// these halves, or not at all.
/// </summary>
[Trait("Req", "P15")]
public sealed class UnlockingTests
{
    private static readonly ProvisioningBench Bench = new(mode: PackageMode.Chip);
    private static readonly ProvisioningBench Family = new();
    private static readonly ProvisioningBench Other = new(seed: 8, mode: PackageMode.Chip);
    private static readonly ProvisioningBench Again = new(sealer: 1009, mode: PackageMode.Chip);
    private static readonly SoftChip[] Chips =
        [.. Enumerable.Range(1, 5).Select(number => TestChips.Make((ulong)number))];

    private static readonly NamedBench Named = new(Bench, Chips);
    private static readonly SigningKey Attacker = SigningKey.Generate(new SeededNoise(77));

    [Fact]
    public void Every_chip_of_a_list_can_be_named()
    {
        foreach (var chip in Chips)
        {
            Assert.Null(Ask(Named.Unlocking(chip)));
        }
    }

    [Fact]
    public void A_key_that_poses_as_a_chip_is_in_no_list()
    {
        var genuine = Named.Listed.Prove(Chips[2].Immutable.ChipId)!;
        var own = genuine with { Leaf = genuine.Leaf with { Kem = HpkePrivateKey.Generate(new SeededNoise(6)).Public } };

        Refused(Reason.BadProof, Named.Unlocking(Chips[2]).With("leaf", own.ToArray()));
    }

    [Fact]
    public void A_list_that_the_chip_maker_did_not_sign_is_refused()
    {
        // Malware at the OEM's desk lists a key of its own, and proves it well.
        var (list, leaves) = ListedChips.Compose(TestChips.Family, 1,
        [
            new ChipLeaf(
                Chips[0].Immutable.ChipId, Attacker.Public, HpkePrivateKey.Generate(new SeededNoise(6)).Public),
        ]);
        var signed = Message.Sign(list, Attacker);
        var listed = ListedChips.Verify(signed.Bytes, leaves, Attacker.Public).OrThrow();

        Refused(Reason.BadSignature, Named.Unlocking(Chips[0])
            .With("list", signed.Bytes)
            .With("leaf", listed.Prove(Chips[0].Immutable.ChipId)!.ToArray()));
    }

    [Fact]
    public void A_list_of_another_family_of_the_chip_maker_is_refused_whatever_the_program_says()
    {
        var foreign = Message.Sign(Named.Listed.List with { Family = "other" }, TestChips.ChipMaker);

        Refused(Reason.WrongFamily, Named.Unlocking(Chips[0]).With("list", foreign.Bytes));
    }

    [Fact]
    public void A_leaf_with_another_place_or_path_is_refused()
    {
        var good = Named.Listed.Prove(Chips[0].Immutable.ChipId)!;
        ListedChip[] wrong =
        [
            good with { Index = good.Index ^ 1 },
            good with { Index = 5 },
            good with { Index = 4 },
            good with { Path = [.. good.Path, good.Path[0]] },
            good with { Path = [.. good.Path.Skip(1)] },
            good with { Path = [.. good.Path.Reverse()] },
        ];
        foreach (var leaf in wrong)
        {
            Refused(Reason.BadProof, Named.Unlocking(Chips[0]).With("leaf", leaf.ToArray()));
        }
    }

    [Fact]
    public void Every_changed_bit_of_list_and_leaf_is_refused()
    {
        using var chip = BootedDevice.Boot(Bench.Sealer);
        foreach (var input in new[] { "list", "leaf" })
        {
            var good = new byte[Named.Unlocking(Chips[0]).SizeOf(input)];
            Named.Unlocking(Chips[0]).Read(input, 0, good);
            foreach (var (bit, changed) in SingleBits.Of(good))
            {
                Assert.True(
                    chip.Execute("provisioning", Named.Unlocking(Chips[0]).With(input, changed)) is not null,
                    $"bit {bit} of {input} was taken");
            }
        }
    }

    [Fact]
    public void Halves_of_another_sealing_make_no_unlock_for_this_package()
    {
        MemoryHost With(Keeps keeps) => Named.Unlocking(Chips[0])
            .With("keep-input", keeps.Input)
            .With("keep-share", keeps.Share);

        Refused(Reason.KeepMismatch, With(Again.Keeps));
        Refused(Reason.KeepMismatch, With(Bench.Keeps with { Input = Again.Keeps.Input }));
        Refused(Reason.KeepMismatch, With(Bench.Keeps with { Share = Again.Keeps.Share }));
        Refused(Reason.WrongOwner, With(Other.Keeps));
    }

    [Fact]
    public void The_package_itself_is_looked_at_whole()
    {
        var package = Bench.Sealed.Package;
        var changed = package.ToArray();
        changed[^30] ^= 1;

        Refused(Reason.KeepMismatch, Named.Unlocking(Chips[0]).With("package", changed));
        Refused(Reason.DamagedPackage, Named.Unlocking(Chips[0]).With("package", package.AsMemory(0, package.Length - 1)));
    }

    [Fact]
    public void Each_mode_has_its_own_unlock()
    {
        Refused(Reason.UnlockMismatch, Named.Unlocking(Chips[0]).With("package", Family.Sealed.Package));
        Refused(Reason.UnlockMismatch, Named.Unlocking(Chips[0]).With("command", "unlock-family"u8.ToArray()));
    }

    [Fact]
    public void A_chip_that_serves_another_makes_no_unlock()
    {
        Refused(
            Reason.WrongOwner, Named.Unlocking(Chips[0]), TestChips.Make(5, lockedTo: Other.OrderKey.Public.Id));

        var provisioned = TestChips.Make(6);
        Assert.Null(Family.Provision(provisioned).Refusal);
        Refused(Reason.AlreadyProvisioned, Named.Unlocking(Chips[0]), provisioned);
    }

    [Fact]
    public void A_familys_unlock_is_made_of_its_own_halves_alone()
    {
        using var chip = BootedDevice.Boot(Family.Sealer);
        var other = new ProvisioningBench(sealer: 1009);

        Assert.True(UnlockPackage.ForFamily(
            chip, ProvisioningBench.Program, TestChips.ChipMaker.Public, Family.Sealed.Package, other.Keeps)
            .Refused(out _, out var why));
        Assert.Equal(Reason.KeepMismatch, why.Reason);
    }

    [Fact]
    public void Nothing_is_handed_to_a_program_that_the_chip_maker_did_not_sign()
    {
        using var chip = BootedDevice.Boot(Bench.Sealer);
        var leaf = Named.Listed.Prove(Chips[0].Immutable.ChipId)!;

        Assert.True(UnlockPackage.ForChip(
            chip, ProvisioningBench.Program, Attacker.Public, Bench.Sealed.Package, Bench.Keeps,
            Named.Signed.List.Bytes, leaf).Refused(out _, out var why));
        Assert.Equal(Reason.BadSignature, why.Reason);
    }

    private static void Refused(Reason reason, MemoryHost inputs, SoftChip? chip = null)
    {
        Assert.Equal(reason, Ask(inputs, chip)?.Reason);
        Assert.Empty(inputs.Emitted("unlock"));
    }

    private static Refusal? Ask(MemoryHost inputs, SoftChip? chip = null)
    {
        using var booted = BootedDevice.Boot(chip ?? Bench.Sealer);
        return booted.Execute("provisioning", inputs);
    }
}
