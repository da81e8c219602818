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
    private static readonly ProvisioningBench Second = new(sealer: 1009);

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
    [Trait("Req", "P10")]
    public void Another_version_of_the_program_and_another_chip_give_the_same_bit_for_bit()
    {
        var later = ProvisioningBench.SignText(Later(ProvisioningBench.ProgramText));
        var again = Again(Bench.Keeps, program: later, provisioningChip: 1234).OrThrow();

        SameKeysAsBefore(again, ProvisioningBench.Program);
        SameKeysAsBefore(again, later);
    }

    [Fact]
    [Trait("Req", "P10")]
    public void Kept_halves_last_through_epochs_and_the_package_is_of_the_new_one()
    {
        var next = ProvisioningBench.SignText(ProvisioningBench.ProgramText, epoch: 2);
        var again = Again(Bench.Keeps, program: next).OrThrow();

        Assert.Equal(2u, PackageDigest.ParseHeader(again.Package).OrThrow().Epoch);
        SameKeysAsBefore(again, next);
        Assert.Equal(Reason.WrongEpoch, Provision(TestChips.Make(2), again, next, on: ProvisioningBench.Program)?.Reason);
    }

    [Fact]
    public void Halves_of_two_sealings_do_not_mix()
    {
        RefusedKeeps(Reason.KeepMismatch, new Keeps(Bench.Keeps.Input, Second.Keeps.Share));
        RefusedKeeps(Reason.KeepMismatch, new Keeps(Second.Keeps.Input, Bench.Keeps.Share));
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
        var grafted = Second.Keeps.Share.ToArray();
        var at = Bench.Keeps.Share.AsSpan().IndexOf(NumberOf(Bench.Keeps));
        Assert.NotEqual(-1, at);
        NumberOf(Bench.Keeps).CopyTo(grafted.AsSpan(at));

        RefusedKeeps(Reason.KeepMismatch, new Keeps(Bench.Keeps.Input, grafted));
    }

    [Fact]
    [Trait("Req", "P05")]
    public void Halves_of_another_oem_are_refused()
    {
        RefusedKeeps(Reason.WrongOwner, Other.Keeps);
        RefusedKeeps(Reason.WrongOwner, Other.Keeps with { Input = Bench.Keeps.Input });
    }

    [Fact]
    [Trait("Req", "P05")]
    public void Halves_of_another_oem_do_not_open_under_this_ones_name()
    {
        RefusedKeeps(Reason.KeepMismatch, new Keeps(
            Renamed(Other.Keeps.Input, "input"), Renamed(Other.Keeps.Share, "share")));
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
        // After [1, "input", family, oem]: a byte string of 16.
        var at = OemAt("input") + Digest.Size + 1;
        return keeps.Input.AsSpan(at, 16);
    }

    /// <summary>The same half with the digest of this OEM's key in place of its own.</summary>
    private static byte[] Renamed(byte[] keep, string role)
    {
        var renamed = keep.ToArray();
        Bench.OrderKey.Public.Id.CopyTo(renamed.AsSpan(OemAt(role)));
        return renamed;
    }

    // After [1, role, family]: a byte string of 32 with two bytes before it.
    private static int OemAt(string role) => 1 + 1 + 1 + role.Length + 1 + TestChips.Family.Length + 2;

    /// <summary>Version 2: other slots, another order of what has none, and one more thing that is public.</summary>
    private static string Later(string text)
    {
        const string Keys = "  derive  k5 = k4 \"enck\" [header.package] 32\n  derive  k6 = k4 \"encd\" [header.package] 32\n";
        var swapped = string.Join('\n', Keys.Split('\n', StringSplitOptions.RemoveEmptyEntries).Reverse()) + "\n";
        Assert.Contains(Keys, text, StringComparison.Ordinal);
        return text
            .Replace("version 1\n", "version 2\n", StringComparison.Ordinal)
            .Replace(Keys, swapped, StringComparison.Ordinal)
            .Replace("k11", "k12", StringComparison.Ordinal)
            .Replace("k10", "k11", StringComparison.Ordinal)
            .Replace("k12", "k10", StringComparison.Ordinal)
            .Replace(
                "  use     header\n",
                "  use     header\n  emit \"about\" = program.version\n",
                StringComparison.Ordinal);
    }

    private static void SameKeysAsBefore(SealedPackage again, byte[] program)
    {
        var (first, chip) = (TestChips.Make(1), TestChips.Make(2));
        Bench.Provision(first);

        Assert.Null(Provision(chip, again, program));
        Assert.Equal(KeysOf(first), KeysOf(chip));
    }

    private static Outcome<SealedPackage> Again(
        Keeps keeps,
        IReadOnlyList<AssetContent>? assets = null,
        byte[]? program = null,
        ulong provisioningChip = 1001)
    {
        using var chip = BootedDevice.Boot(TestChips.Make(provisioningChip));
        return SealPackage.Again(
            chip,
            program ?? ProvisioningBench.Program,
            TestChips.ChipMaker.Public,
            Bench.OrderKey.Public.Id,
            assets ?? Bench.Assets,
            keeps);
    }

    /// <summary>With the program that made the unlock, or on another one.</summary>
    private static Refusal? Provision(SoftChip chip, SealedPackage package, byte[]? program = null, byte[]? on = null) =>
        Bench.Provision(chip, Bench.Inputs
        .With("program", on ?? program ?? ProvisioningBench.Program)
        .With("package", package.Package)
        .With("unlock", Bench.UnlockOf(package, program))
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
