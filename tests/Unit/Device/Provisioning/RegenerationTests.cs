using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

public sealed class RegenerationTests
{
    private static readonly ProvisioningBench Bench = new();
    private static readonly ProvisioningBench Other = new(seed: 8);

    [Fact]
    [Trait("Req", "P10")]
    public void The_two_halves_from_the_safe_give_generated_assets_back_bit_for_bit()
    {
        var again = Again(Bench.Keeps).OrThrow();
        var chip = TestChips.Make(2);

        Assert.NotEqual(Bench.Sealed.Package, again.Package);
        Assert.Null(Provision(chip, again));

        var first = TestChips.Make(1);
        Bench.Provision(first);
        Assert.Equal(KeysOf(first), KeysOf(chip));
    }

    [Fact]
    [Trait("Req", "P10")]
    public void New_assets_are_sealed_under_the_same_master_key_for_another_lot()
    {
        AssetContent[] assets =
        [
            AssetContent.Generated(5, 32),
            AssetContent.Of(20, AssetKind.Data, AssetStorage.FlashObject, ProvisioningBench.Bytes("new", 50)),
        ];
        var chip = TestChips.Make(2);

        Assert.Null(Provision(chip, Again(Bench.Keeps, assets).OrThrow()));

        var first = TestChips.Make(1);
        Bench.Provision(first);
        Assert.Equal(KeysOf(first)["5"], KeysOf(chip)["5"]);
        using var state = ChipState.Boot(chip);
        Assert.Equal(assets[1].Content.ToArray(), state.Journal.ReadAll("asset/20").OrThrow());
    }

    [Fact]
    public void Halves_of_two_sealings_do_not_mix()
    {
        RefusedKeeps(Reason.KeepMismatch, new Keeps(Bench.Keeps.Input, Other.Keeps.Share));
        RefusedKeeps(Reason.KeepMismatch, new Keeps(Other.Keeps.Input, Bench.Keeps.Share));
    }

    [Fact]
    public void A_half_in_the_other_ones_place_is_refused()
    {
        RefusedKeeps(Reason.KeepMismatch, new Keeps(Bench.Keeps.Share, Bench.Keeps.Input));
        RefusedKeeps(Reason.KeepMismatch, new Keeps(Bench.Keeps.Input, Bench.Keeps.Input));
    }

    [Fact]
    public void Halves_of_two_sealings_do_not_mix_under_one_number_either()
    {
        // The number of the other half, grafted on.
        var grafted = Other.Keeps.Share.ToArray();
        var at = Bench.Keeps.Share.AsSpan().IndexOf(NumberOf(Bench.Keeps));
        NumberOf(Bench.Keeps).CopyTo(grafted.AsSpan(at));

        RefusedKeeps(Reason.KeepMismatch, new Keeps(Bench.Keeps.Input, grafted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_changed_bit_of_a_half_is_refused(bool input)
    {
        var good = input ? Bench.Keeps.Input : Bench.Keeps.Share;
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var changed = good.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            var keeps = input ? Bench.Keeps with { Input = changed } : Bench.Keeps with { Share = changed };

            Assert.True(Again(keeps).Refused(out _, out _), $"bit {bit} was taken");
        }
    }

    private static void RefusedKeeps(Reason reason, Keeps keeps)
    {
        Assert.True(Again(keeps).Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }

    private static ReadOnlySpan<byte> NumberOf(Keeps keeps)
    {
        // After [1, "input", family]: a byte string of 16.
        var at = 1 + 1 + 6 + 1 + TestChips.Family.Length + 1;
        return keeps.Input.AsSpan(at, 16);
    }

    private static Outcome<SealedPackage> Again(Keeps keeps, IReadOnlyList<AssetContent>? assets = null)
    {
        using var chip = BootedDevice.Boot(TestChips.Make(1001));
        return SealPackage.Again(
            chip,
            ProvisioningBench.Program,
            TestChips.ChipMaker.Public,
            Bench.OrderKey.Public.Id,
            assets ?? Bench.Assets,
            keeps);
    }

    private static Refusal? Provision(SoftChip chip, SealedPackage package) =>
        Bench.Provision(chip, Bench.Inputs
        .With("package", package.Package)
        .With("unlock", package.Unlock)
        .With("order", Bench.Sign(package.Package).Bytes)).Refusal;

    private static Dictionary<string, string> KeysOf(SoftChip chip)
    {
        using var state = ChipState.Boot(chip);
        return state.KeyStore.Keys
            .Where(key => key.Length == SealKey.Size && key.Attributes.Usage != "seed")
            .ToDictionary(key => key.Handle.Name, key =>
            {
                using var opened = state.KeyStore.Open<SealKey>(key.Handle).OrThrow();
                return Convert.ToHexString(opened.Expose());
            });
    }
}
