using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

public sealed class ProvisionChipTests
{
    private static readonly ProvisioningBench Bench = new();

    [Theory]
    [InlineData(PackageSuite.Gcm)]
    [InlineData(PackageSuite.Ccm)]
    [InlineData(PackageSuite.CbcCmac)]
    [Trait("Req", "P09")]
    [Trait("Req", "P07")]
    public void A_blank_chip_installs_every_asset_in_its_place(PackageSuite suite)
    {
        var chip = TestChips.Make(1);
        var bench = new ProvisioningBench(suite: suite);

        Assert.Equal(suite, PackageDigest.ParseHeader(bench.Sealed.Package).OrThrow().Suite);
        Assert.Null(bench.Provision(chip).Refusal);

        using var state = ChipState.Boot(chip);
        foreach (var asset in Bench.Assets.Where(asset => asset.Asset.Storage == AssetStorage.FlashObject))
        {
            Assert.Equal(
                asset.Content.ToArray(), state.Journal.ReadAll($"asset/{asset.Asset.Ref}").OrThrow());
        }

        Assert.Equal(Bench.Assets[0].Content.ToArray(), KeyOf(state, 1));
        Assert.Equal(Bench.Assets[3].Content.ToArray(), KeyOf(state, 4));
        Assert.Equal("transport", state.KeyStore.Find(
            new KeyHandle(KeyKind.Provisioned, "2")).OrThrow().Attributes.Usage);
        Assert.Equal(Bench.Assets[5].Content.ToArray(), state.KeyStore.ReadTrustAnchor("6").OrThrow());
    }

    [Fact]
    [Trait("Req", "P11")]
    public void A_provisioned_chip_is_locked_to_its_owner()
    {
        var chip = TestChips.Make(1);

        Bench.Provision(chip);

        Assert.Equal(Lifecycle.Provisioned, chip.Monotonic.State.Lifecycle);
        Assert.Equal(Bench.OrderKey.Public.Id, chip.Monotonic.State.Owner);
    }

    [Fact]
    [Trait("Req", "P07")]
    public void A_package_of_64_mebibytes_is_sealed_and_installed()
    {
        var image = new byte[(63 << 20) + 900_000];
        new SeededNoise(64).Fill(image.AsSpan(0, 1 << 16));
        image[^1] = 1;
        var bench = new ProvisioningBench(
            [AssetContent.Of(1, AssetKind.Program, AssetStorage.FlashObject, image)], blockSizeBytes: 16384);
        Assert.InRange(bench.Sealed.Package.Length, 63 << 20, 64 << 20);
        var chip = TestChips.Make(1, geometry: new FlashGeometry(17_000, 4096));

        var (refusal, receipt) = bench.Provision(chip);

        Assert.Null(refusal);
        Assert.NotEmpty(receipt);
        using var state = ChipState.Boot(chip);
        Assert.Equal(Digest.Of(image), Digest.Of(state.Journal.ReadAll("asset/1").OrThrow()));
    }

    [Fact]
    [Trait("Req", "P08")]
    public void A_generated_asset_is_the_same_secret_in_every_chip_and_in_no_file()
    {
        var first = TestChips.Make(1);
        var second = TestChips.Make(2);

        Bench.Provision(first);
        Bench.Provision(second);

        using var one = ChipState.Boot(first);
        using var two = ChipState.Boot(second);
        var generated = KeyOf(one, 5);
        Assert.Equal(generated, KeyOf(two, 5));
        Assert.Equal(-1, Bench.Sealed.Package.AsSpan().IndexOf(generated));
    }

    [Fact]
    [Trait("Req", "P07")]
    public void A_seed_gives_every_chip_a_key_of_its_own()
    {
        var first = TestChips.Make(1);
        var second = TestChips.Make(2);

        Bench.Provision(first);
        Bench.Provision(second);

        using var one = ChipState.Boot(first);
        using var two = ChipState.Boot(second);
        var expected = new byte[32];
        Kdf.Derive(
            Bench.Assets[2].Content.Span, "seed", Keywright.Protocol.Cbor.CborItem.Array(
                3, first.Immutable.ChipId), expected);
        Assert.Equal(expected, KeyOf(one, 3));
        Assert.NotEqual(KeyOf(one, 3), KeyOf(two, 3));
    }

    [Fact]
    [Trait("Req", "P14")]
    public void The_receipt_names_chip_order_and_package_and_is_the_same_ever_after()
    {
        var chip = TestChips.Make(1);

        var (_, receipt) = Bench.Provision(chip);

        var parsed = Message.Parse<Receipt>(receipt).OrThrow();
        var verified = parsed.VerifySignature(parsed.Claimed.Identity).OrThrow().Content;
        Assert.Equal(chip.Immutable.ChipId, verified.Chip);
        Assert.Equal(Bench.Order.Digest, verified.Order);
        Assert.Equal(Bench.Sealed.Digest, verified.Package);
        Assert.Equal((uint)Lifecycle.Provisioned, verified.Lifecycle);
        for (var i = 0; i < 2; i++)
        {
            using var booted = BootedDevice.Boot(chip);
            var host = new MemoryHost();
            Assert.Null(booted.Execute("receipt", host));
            Assert.Equal(receipt, host.Emitted("receipt"));
        }
    }

    [Fact]
    public void A_chip_that_was_never_provisioned_has_no_receipt()
    {
        using var booted = BootedDevice.Boot(TestChips.Make(1));

        Assert.Equal(Reason.WrongLifecycle, booted.Execute("receipt", new MemoryHost())?.Reason);
    }

    [Fact]
    [Trait("Req", "P03")]
    public void The_chip_that_sealed_can_itself_be_provisioned()
    {
        var sealer = Bench.Sealer.Snapshot();

        Assert.Null(Bench.Provision(sealer).Refusal);
    }

    [Fact]
    [Trait("Req", "P04")]
    [Trait("Req", "P05")]
    [Trait("Req", "P07")]
    public void Nothing_that_was_sealed_leaves_in_clear()
    {
        byte[][] outputs = [Bench.Sealed.Package, Bench.Unlock, Bench.Keeps.Input, Bench.Keeps.Share];

        foreach (var asset in Bench.Assets.Where(asset => !asset.Content.IsEmpty))
        {
            var begin = asset.Content.Span[..16];
            foreach (var output in outputs)
            {
                Assert.Equal(-1, output.AsSpan().IndexOf(begin));
            }
        }
    }

    [Fact]
    public void A_sealing_leaves_the_chip_as_it_was()
    {
        Assert.Equal(Lifecycle.Blank, Bench.Sealer.Monotonic.State.Lifecycle);
        Assert.Null(Bench.Sealer.Monotonic.State.Owner);
        using var state = ChipState.Boot(Bench.Sealer.Snapshot());
        Assert.Empty(state.Journal.Names);
    }

    private static byte[] KeyOf(ChipState state, uint reference)
    {
        using var key = state.KeyStore.Open<SealKey>(
            new KeyHandle(KeyKind.Provisioned, reference.ToString())).OrThrow();
        return key.Expose().ToArray();
    }
}
