using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.UnitTests.Protocol.KeyDownload;

public sealed class SlotTableTests
{
    private static readonly SlotTable Table = new(
        new byte[] { 1, 2, 3 }, [new KeySlot(4, "D0", 'B', 1), new KeySlot(0xFFFFFFFF, "M6", 'C', 99)]);

    [Fact]
    public void A_table_reads_as_it_was_written()
    {
        AssertSame(Table, SlotTable.Parse(Table.Encode()).OrThrow());
        AssertSame(SlotTable.Default, SlotTable.Parse(SlotTable.Default.Encode()).OrThrow());
    }

    [Fact]
    public void A_table_out_of_form_is_refused()
    {
        var encoded = Table.Encode();
        for (var size = 0; size < encoded.Length; size++)
        {
            AssertRefused(Reason.Malformed, encoded[..size]);
        }

        AssertRefused(Reason.Malformed, [.. encoded, 0]);
        AssertRefused(Reason.TooLarge, new byte[SlotTable.MaxSize + 1]);
        AssertRefused(Reason.Malformed, With(new KeySlot(4, "D0", 'B', 1)));
        AssertRefused(Reason.Malformed, With(new KeySlot(5, "d0", 'B', 1)));
        AssertRefused(Reason.Malformed, With(new KeySlot(5, "D0", '*', 1)));
        AssertRefused(Reason.Malformed, With(new KeySlot(5, "D0", 'B', 0)));
        AssertRefused(Reason.TooLarge, With(new KeySlot(5, "D0", 'B', 100)));
        AssertRefused(Reason.Malformed, (Table with { ApplicationId = ReadOnlyMemory<byte>.Empty }).Encode());
        encoded[2] = 2;
        AssertRefused(Reason.WrongVersion, encoded);
    }

    private static byte[] With(KeySlot second) => (Table with { Slots = [Table.Slots[0], second] }).Encode();

    private static void AssertSame(SlotTable expected, SlotTable actual)
    {
        Assert.Equal(expected.ApplicationId.ToArray(), actual.ApplicationId.ToArray());
        Assert.Equal(expected.Slots, actual.Slots);
    }

    private static void AssertRefused(Reason reason, byte[] bytes)
    {
        Assert.True(SlotTable.Parse(bytes).Refused(out _, out var why));
        Assert.Equal(reason, why.Reason);
    }
}
