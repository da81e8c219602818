using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Owner.Provisioning;

namespace Keywright.Bench;

/// <summary>What provisioning costs: sealing and unlocking by the byte, a chip, a receipt.</summary>
internal static class LotWork
{
    private const int Large = 8 << 20;
    private const int Usual = 64 << 10;
    private const int Receipts = 64;

    public static IEnumerable<Row> Rows()
    {
        var large = new LotWorld(Large);
        var chip = BootedDevice.Boot(large.Blank());
        yield return new Row(
            "Package of 8 MiB: sealed in a chip (the OEM)", Unit.Bytes, Large, () => large.Seal(chip), null)
        { CallsBetweenLooks = 1 };
        yield return new Row(
            "Package of 8 MiB: verified, opened, installed in a chip (in memory)", Unit.Bytes, Large,
            () => large.Provision(large.Blank(new FlashGeometry(4096, 4096))), null)
        { CallsBetweenLooks = 1 };

        var world = new LotWorld(Usual);
        var template = world.Blank();
        yield return new Row(
            "Package of 64 KiB: a chip boots, verifies, unlocks, installs, signs its receipt (in memory)", Unit.Operations, 1,
            () => world.Provision(template.Snapshot()), null)
        { AimRate = 300, CallsBetweenLooks = 4 };

        var chips = Enumerable.Range(0, Receipts).Select(_ => world.Blank()).ToList();
        var list = world.List(chips);
        var receipts = chips.ConvertAll(each => new ReadOnlyMemory<byte>(world.Provision(each)));
        yield return new Row(
            "Receipt: its chip's line of the list read, parse, import of the chip's key, verify, judge, count", Unit.Operations, Receipts,
            () => Must(CountReceipts.Run(world.Order, [world.Read(list)], receipts).Good.Count == Receipts), null)
        {
            AimRate = 5000,
            CallsBetweenLooks = 1,
        };
    }

    private static void Must(bool held)
    {
        if (!held)
        {
            throw new InvalidOperationException("what is measured has failed");
        }
    }
}
