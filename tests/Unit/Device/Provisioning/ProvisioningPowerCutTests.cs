using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Provisioning;

namespace Keywright.UnitTests.Device.Provisioning;

/// <summary>
/// Power goes at every write of a provisioning, in every way, for packages of three shapes in each suite and mode: one
/// small key, all kinds in several blocks, and large objects that take the flash to its last page.
/// </summary>
public sealed class ProvisioningPowerCutTests
{
    private const int PageSize = 1024;
    private const int SealSize = 16;
    private const int AreaPages = 2 * 16;
    private const int ObjectPages = 9;

    /// <summary>Writes of a commit, each cut of which is followed by a second attempt.</summary>
    private const int LastWrites = 40;

    /// <summary>Of the cuts before these, one of so many is; in a campaign each.</summary>
    private static readonly int AttemptEvery =
        Environment.GetEnvironmentVariable("KEYWRIGHT_CUTS") == "all" ? 1 : 29;

    private static readonly Dictionary<string, Shape> Shapes = new()
    {
        ["one small key"] = new(
            [AssetContent.Of(1, AssetKind.Key, AssetStorage.KeyStore, ProvisioningBench.Bytes("key", 16))],
            new FlashGeometry(64, 4096)),
        ["all kinds"] = new(ProvisioningBench.SmallAssets, new FlashGeometry(64, 4096)),
        ["to the last page"] = new(
            [
                AssetContent.Generated(1, 1024),
                Large(2, AssetKind.Program, ObjectPages),
                Large(3, AssetKind.Data, ObjectPages),
            ],
            // Two objects, the key store in two pages, the receipt.
            new FlashGeometry(AreaPages + (2 * ObjectPages) + 3, PageSize)),
    };

    public static TheoryData<string, PackageSuite, PackageMode> Cases() =>
    [
        .. from shape in Shapes.Keys
           from suite in Enum.GetValues<PackageSuite>()
           from mode in suite == PackageSuite.Gcm ? Enum.GetValues<PackageMode>() : [PackageMode.Family]
           select (shape, suite, mode),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Req", "P07")]
    [Trait("Req", "P11")]
    [Trait("Req", "P14")]
    [Trait("Req", "P15")]
    public void A_chip_cut_off_at_any_write_and_again_as_it_boots_is_as_before_or_as_after(
        string name, PackageSuite suite, PackageMode mode)
    {
        var (bench, chip, inputs) = Shapes[name].Make(suite, mode);

        var report = PowerCutSweep.Run(
            chip,
            seed: 20260101,
            silicon =>
            {
                using var booted = BootedDevice.Boot(silicon);
                Assert.Null(booted.Execute("provisioning", inputs()));
            },
            state => Assert.Equal(state.Monotonic.Lifecycle == Lifecycle.Provisioned, HasReceipt(state, bench)));

        Assert.True(report.Writes > bench.Sealed.Package.Length / SealSize, $"{report.Writes} writes");
        Assert.True(report.AsBefore > 0 && report.AsAfter > 0 && report.SecondCuts > report.Cuts);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Req", "P14")]
    [Trait("Req", "P15")]
    public void A_chip_cut_off_twice_is_provisioned_once_by_the_third_attempt(
        string name, PackageSuite suite, PackageMode mode)
    {
        var (bench, start, inputs) = Shapes[name].Make(suite, mode);
        var recorder = new PowerCut(start.Snapshot(), seed: 1);
        Assert.Equal(Attempted.Done, Attempt(recorder, inputs()));
        var cuts = recorder.Writes.SelectMany((write, at) => write.Kinds.Select(kind => (At: at, Kind: kind))).ToList();
        var noise = new SeededNoise(20260102);
        var seen = new HashSet<Attempted>();
        for (var i = 0; i < cuts.Count; i++)
        {
            if (cuts[i].At < recorder.Writes.Count - LastWrites && noise.Next(AttemptEvery) != 0)
            {
                continue;
            }

            var chip = start.Snapshot();
            var power = new PowerCut(chip, seed: (ulong)i);
            power.Arm(cuts[i].At, cuts[i].Kind);
            Assert.Equal(Attempted.Cut, Attempt(power, inputs()));

            power.Restore();
            var second = cuts[noise.Next(cuts.Count)];
            power.Arm(second.At, second.Kind);
            seen.Add(Attempt(power, inputs()));

            power.Restore();
            Assert.NotEqual(Attempted.Cut, Attempt(power, inputs()));
            Assert.True(IsProvisioned(chip, bench), $"cut {cuts[i]}, then {second}");
        }

        Assert.Equal([Attempted.WasDone, Attempted.Cut], seen.Order().Except([Attempted.Done]));
    }

    [Fact]
    public void The_last_shape_leaves_no_page_free()
    {
        var full = Shapes["to the last page"];
        var (_, chip, _) = full.Make(PackageSuite.Gcm, PackageMode.Family);
        var larger = new ProvisioningBench(
            [.. full.Assets.SkipLast(1), Large(3, AssetKind.Data, ObjectPages, more: 1)]);

        Assert.Equal(Reason.StoreFull, larger.Provision(chip).Refusal?.Reason);
    }

    private static AssetContent Large(uint reference, AssetKind kind, int pages, int more = 0) => AssetContent.Of(
        reference,
        kind,
        AssetStorage.FlashObject,
        ProvisioningBench.Bytes($"{kind}", (pages * (PageSize - SealSize)) + more));

    private static Attempted Attempt(ISilicon silicon, MemoryHost inputs)
    {
        try
        {
            using var booted = BootedDevice.Boot(silicon);
            var refusal = booted.Execute("provisioning", inputs);
            Assert.True(refusal is null or { Reason: Reason.AlreadyProvisioned }, $"{refusal}");
            return refusal is null ? Attempted.Done : Attempted.WasDone;
        }
        catch (PowerLostException)
        {
            return Attempted.Cut;
        }
    }

    /// <summary>
    /// What the receipt says must be so: there is one exactly when the chip is locked to its owner.
    /// </summary>
    private static bool HasReceipt(ChipState state, ProvisioningBench bench)
    {
        var there = state.Journal.SizeOf("receipt") > 0;
        Assert.Equal(there ? bench.OrderKey.Public.Id : null, state.Monotonic.Owner);
        Assert.Equal(there, state.KeyStore.Find(new KeyHandle(KeyKind.Provisioned, "1")).Refused(
            out _, out _) == false);
        return there;
    }

    private static bool IsProvisioned(SoftChip chip, ProvisioningBench bench)
    {
        using var state = ChipState.Boot(chip);
        return HasReceipt(state, bench)
            && state.Monotonic.Lifecycle == Lifecycle.Provisioned
            && state.Journal.Sequence == 1
            && bench.Assets.Where(asset => asset.Asset.Storage == AssetStorage.FlashObject).All(asset =>
                state.Journal.ReadAll($"asset/{asset.Asset.Ref}").OrThrow().AsSpan().SequenceEqual(asset.Content.Span));
    }

    private enum Attempted
    {
        Done,
        WasDone,
        Cut,
    }

    private sealed record Shape(IReadOnlyList<AssetContent> Assets, FlashGeometry Geometry)
    {
        public (ProvisioningBench Bench, SoftChip Chip, Func<MemoryHost> Inputs) Make(
            PackageSuite suite, PackageMode mode)
        {
            var bench = new ProvisioningBench(Assets, suite: suite, mode: mode);
            var chip = TestChips.Make(1, geometry: Geometry);
            if (mode == PackageMode.Family)
            {
                return (bench, chip, () => bench.Inputs);
            }

            var unlock = new NamedBench(bench, chip).UnlockFor(chip);
            return (bench, chip, () =>
                bench.Inputs.With("command", "provision-named"u8.ToArray()).With("unlock", unlock));
        }
    }
}
