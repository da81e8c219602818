using Keywright.Device.Chip;
using Keywright.Owner.KeyDownload;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Provisioning;
using Keywright.TestSupport;
using Keywright.UnitTests.Device.Backup;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.KeyDownload;

/// <summary>A unit that lost its flash takes keys into the same slots as before.</summary>
public sealed class RecoveredUnitTests
{
    private const uint Ref1 = 7;
    private const uint Ref2 = 20;

    private static readonly SlotTable Table = new(
        SlotTable.Default.ApplicationId, [new KeySlot(Ref2, "D0", 'B', 3)]);

    [Fact]
    [Trait("Req", "S05")]
    public void The_slot_table_of_a_package_goes_into_the_key_store_and_into_no_flash_object()
    {
        var chip = TestChips.Make(3);
        Assert.Null(Packed(Table.Encode()).Provision(chip).Refusal);
        using (var state = ChipState.Boot(chip))
        {
            Assert.Equal(-1, state.Journal.SizeOf("asset/75"));
            Assert.Equal([1, 2, 3], state.Journal.ReadAll("asset/76").OrThrow());
            var held = state.KeyStore.Find(new KeyHandle(KeyKind.Provisioned, "75")).OrThrow();
            Assert.Equal("configuration", held.Attributes.Usage);
        }

        var unit = new TestUnit(chip);
        using var sam = new TestSam(unit);
        sam.Create(new WantedKey(Ref1, "D0", 'B', 3, Ref2, 100));
        Assert.NotEmpty(unit.Import(sam.ExportTo(unit, Ref1)).OrThrow());
    }

    [Fact]
    public void A_slot_table_that_no_unit_could_use_is_not_provisioned()
    {
        var chip = TestChips.Make(3);
        var refusal = Packed(new byte[SlotTable.MaxSize + 1]).Provision(chip).Refusal;
        Assert.Equal(Reason.TooLarge, refusal!.Reason);
        Assert.Equal(Lifecycle.Blank, chip.Monotonic.State.Lifecycle);
    }

    [Fact]
    public void A_key_under_the_reference_of_the_table_is_no_table()
    {
        var chip = TestChips.Make(3);
        var bench = new ProvisioningBench(assets:
        [
            AssetContent.Of(2, AssetKind.Key, AssetStorage.TransportKey, TestUnit.Transport),
            AssetContent.Of(75, AssetKind.Key, AssetStorage.KeyStore, Table.Encode()),
        ]);
        Assert.Null(bench.Provision(chip).Refusal);
        var unit = new TestUnit(chip);
        using var sam = new TestSam(unit);
        Assert.NotEmpty(unit.Import(sam.ExportTo(unit)).OrThrow());
    }

    [Fact]
    [Trait("Req", "K07")]
    [Trait("Req", "S05")]
    public void After_a_recovery_a_unit_has_the_slot_table_that_it_was_provisioned_with()
    {
        var life = new LifeOfAChip(new BackupParties(), new MemoryFiles());
        new TestUnit(life.Chip).Provision(TestUnit.Transport, "transport", Table.Encode());
        life.Fielded();
        life.WipeFlash();
        Assert.Null(life.Execute("recover", life.Recovery()));

        var unit = new TestUnit(life.Chip);
        using var sam = new TestSam(unit);
        sam.Create(new WantedKey(Ref1, "D0", 'B', 3, Ref2, 100));
        Assert.NotEmpty(unit.Import(sam.ExportTo(unit, Ref1)).OrThrow());
        Assert.Equal("D0BN", unit.Stored(Ref2)!.Attributes.Usage);
    }

    private static ProvisioningBench Packed(byte[] table) => new(assets:
    [
        AssetContent.Of(2, AssetKind.Key, AssetStorage.TransportKey, TestUnit.Transport),
        AssetContent.Of(75, AssetKind.Configuration, AssetStorage.FlashObject, table),
        AssetContent.Of(76, AssetKind.Configuration, AssetStorage.FlashObject, new byte[] { 1, 2, 3 }),
    ]);
}
