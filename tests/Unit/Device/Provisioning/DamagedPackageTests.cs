using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>
/// Cut, reordered, spliced and substituted packages; and every single bit of every message.
/// </summary>
public sealed class DamagedPackageTests
{
    private static readonly ProvisioningBench Bench = new(
    [
        AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, ProvisioningBench.Bytes("key", 32)),
        AssetContent.Of(2, AssetKind.Data, AssetStorage.FlashObject, ProvisioningBench.Bytes("a", 40)),
        AssetContent.Of(3, AssetKind.Data, AssetStorage.FlashObject, ProvisioningBench.Bytes("b", 40)),
    ]);

    private static readonly PackageHeader Header = PackageDigest.ParseHeader(Bench.Sealed.Package).OrThrow();

    [Fact]
    [Trait("Req", "P13")]
    public void A_package_cut_anywhere_is_refused()
    {
        var parts = (int)PackageLayout.PartOffset(Header, 0);
        RefusedAll(Reason.Malformed, Enumerable.Range(0, parts).Select(Cut));
        RefusedAll(Reason.DamagedPackage, Enumerable.Range(parts, Bench.Sealed.Package.Length - parts).Select(Cut));

        static MemoryHost Cut(int size) => Bench.Inputs.With("package", Bench.Sealed.Package.AsMemory(0, size));
    }

    [Fact]
    [Trait("Req", "P13")]
    public void A_package_with_more_after_it_is_refused()
    {
        RefusedAll(
            Reason.DamagedPackage, [Bench.Inputs.With("package", (byte[])[.. Bench.Sealed.Package, 0])]);
    }

    [Fact]
    [Trait("Req", "P13")]
    public void Parts_in_another_order_are_refused()
    {
        var package = Bench.Sealed.Package.ToArray();
        var first = (int)PackageLayout.PartOffset(Header, 1);
        var second = (int)PackageLayout.PartOffset(Header, 2);
        Bench.Sealed.Package.AsSpan(first, second - first).CopyTo(package.AsSpan(second));
        Bench.Sealed.Package.AsSpan(second, second - first).CopyTo(package.AsSpan(first));

        RefusedAll(Reason.DamagedPackage, [Bench.Inputs.With("package", package)]);
    }

    [Fact]
    [Trait("Req", "P13")]
    public void A_part_of_another_package_of_the_same_oem_is_refused()
    {
        using var chip = BootedDevice.Boot(Bench.Sealer.Snapshot());
        var again = SealPackage.Again(
            chip,
            ProvisioningBench.Program,
            TestChips.ChipMaker.Public,
            Bench.OrderKey.Public.Id,
            Bench.Assets,
            Bench.Keeps,
            1024).OrThrow();
        var parts = (int)PackageLayout.PartOffset(Header, 0);
        var spliced = Bench.Sealed.Package.ToArray();
        again.Package.AsSpan(parts).CopyTo(spliced.AsSpan(parts));
        var tagged = again.Package.ToArray();
        Bench.Sealed.Package.AsSpan(parts, tagged.Length - parts - PackageLayout.TagSize).CopyTo(
            tagged.AsSpan(parts));

        RefusedAll(Reason.DamagedPackage, [Bench.Inputs.With("package", spliced), Bench.Inputs.With("package", tagged).With(
            "unlock", Bench.UnlockOf(again))]);
    }

    [Fact]
    [Trait("Req", "P09")]
    public void A_package_that_changes_between_the_two_passes_is_refused()
    {
        var chip = TestChips.Make(1);
        using var booted = BootedDevice.Boot(chip);
        var before = PowerCutSweep.Fingerprint(booted.State);
        for (var part = 0; part < Header.Assets.Count; part++)
        {
            var host = new TwoFacedHost(Bench.Inputs, PackageLayout.PartOffset(Header, part));

            Assert.Equal(Reason.DamagedPackage, booted.Execute("provisioning", host)?.Reason);
            Assert.Equal(before, PowerCutSweep.Fingerprint(booted.State));
        }
    }

    [Theory]
    [InlineData(PackageSuite.Ccm)]
    [InlineData(PackageSuite.CbcCmac)]
    [Trait("Req", "P07")]
    [Trait("Req", "P13")]
    public void Every_changed_bit_of_a_package_is_refused_in_the_other_suites_too(PackageSuite suite)
    {
        var bench = new ProvisioningBench(
            [AssetContent.Of(2, AssetKind.Data, AssetStorage.FlashObject, ProvisioningBench.Bytes("a", 40))],
            suite: suite);
        var chip = TestChips.Make(1);
        using var booted = BootedDevice.Boot(chip);
        var before = PowerCutSweep.Fingerprint(booted.State);
        foreach (var (bit, changed) in SingleBits.Of(bench.Sealed.Package))
        {
            Assert.True(
                booted.Execute("provisioning", bench.Inputs.With("package", changed)) is not null,
                $"bit {bit} was taken");
        }

        Assert.Equal(before, PowerCutSweep.Fingerprint(booted.State));
        Assert.Null(booted.Execute("provisioning", bench.Inputs));
    }

    [Theory]
    [InlineData("package")]
    [InlineData("unlock")]
    [InlineData("order")]
    [InlineData("order-key")]
    [InlineData("program")]
    [Trait("Req", "P02")]
    [Trait("Req", "P13")]
    public void Every_changed_bit_is_refused(string input)
    {
        var good = new byte[Bench.Inputs.SizeOf(input)];
        Bench.Inputs.Read(input, 0, good);
        RefusedAll(null, Enumerable.Range(0, good.Length * 8).Select(bit =>
        {
            var changed = good.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            return Bench.Inputs.With(input, changed);
        }));
    }

    /// <summary>Each is refused, for this reason where one is named, and the chip can be provisioned after it.</summary>
    private static void RefusedAll(Reason? reason, IEnumerable<MemoryHost> hosts)
    {
        var chip = TestChips.Make(1);
        using var booted = BootedDevice.Boot(chip);
        var before = PowerCutSweep.Fingerprint(booted.State);
        var number = 0;
        foreach (var host in hosts)
        {
            var refusal = booted.Execute("provisioning", host);
            Assert.True(refusal is not null, $"change {number} was taken");
            Assert.True(reason is null || refusal.Reason == reason, $"change {number}: {refusal}");
            number++;
        }

        Assert.Equal(before, PowerCutSweep.Fingerprint(booted.State));
        Assert.Null(booted.Execute("provisioning", Bench.Inputs));
    }

    /// <summary>Shows one package in the first pass and another in the second.</summary>
    private sealed class TwoFacedHost(MemoryHost inner, long offset) : IChipHost
    {
        private int reads;

        public long SizeOf(string input) => inner.SizeOf(input);

        public int Read(string input, long at, Span<byte> destination)
        {
            var count = inner.Read(input, at, destination);
            if (input == "package" && at == offset && reads++ > 0)
            {
                destination[0] ^= 1;
            }

            return count;
        }

        public void Emit(string output, ReadOnlySpan<byte> data) => inner.Emit(output, data);
    }
}
