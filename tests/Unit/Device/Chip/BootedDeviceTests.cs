using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.TestSupport;

namespace Keywright.UnitTests.Device.Chip;

public class BootedDeviceTests
{
    [Fact]
    [Trait("Req", "K01")]
    public void A_chip_tells_who_it_is_and_is_the_same_after_every_boot()
    {
        var silicon = TestChips.Make(number: 9, lot: 17);
        var first = Facts(silicon);
        var second = Facts(silicon);
        var other = Facts(TestChips.Make(number: 10));

        Assert.Equal(first, second);
        Assert.Equal(silicon.Immutable.ChipId, first.ChipId);
        Assert.Equal((TestChips.Family, 17u, "blank"), (first.Family, first.Lot, first.Stage));
        Assert.False(first.RecoveryNeeded);
        Assert.NotEqual(first.Identity, other.Identity);
        Assert.NotEqual(first.Kem, other.Kem);
        Assert.NotEqual(first.Identity.Bytes.ToArray(), first.Kem.Bytes.ToArray());
    }

    [Fact]
    [Trait("Req", "P12")]
    public void Anything_but_the_commands_of_the_table_is_refused_and_changes_nothing()
    {
        var recorder = new PowerCut(TestChips.Make(), 1);
        using var device = BootedDevice.Boot(recorder);
        recorder.Restore();

        foreach (var command in new[] { "", "IDENTIFY", "read-key", new string('x', 5000) })
        {
            var refusal = device.Execute(command, new MemoryHost());
            Assert.Equal(Reason.UnknownCommand, refusal?.Reason);
            Assert.True(refusal!.Detail.Length < 64);
        }

        Assert.Empty(recorder.Writes);
    }

    [Fact]
    public void A_chip_that_needs_a_recovery_still_says_who_it_is()
    {
        var silicon = TestChips.Make();
        silicon.Monotonic.Apply(MonotonicUpdate.Issued(2));
        silicon.Monotonic.Apply(MonotonicUpdate.Shown(1));

        Assert.True(Facts(silicon).RecoveryNeeded);
    }

    [Fact]
    public void A_device_stops_when_its_command_ends_in_an_exception()
    {
        using var device = BootedDevice.Boot(TestChips.Make());

        Assert.Throws<IOException>(() => device.Execute("identify", new BrokenHost()));
        Assert.Throws<ObjectDisposedException>(() => device.Execute("identify", new MemoryHost()));
    }

    [Fact]
    public void Each_boot_is_counted_before_anything_else()
    {
        var silicon = TestChips.Make();
        var power = new PowerCut(silicon, 1);
        BootedDevice.Boot(power).Dispose();
        BootedDevice.Boot(power).Dispose();

        Assert.Equal(2ul, silicon.Monotonic.State.Boots);
        Assert.Equal(["fuse Boots", "fuse Boots"], power.Writes.Select(write => write.ToString()));
    }

    private static ChipFacts Facts(SoftChip silicon)
    {
        using var device = BootedDevice.Boot(silicon);
        var host = new MemoryHost();
        Assert.Null(device.Execute("identify", host));
        return ChipFacts.Parse(host.Emitted("facts")).OrThrow();
    }

    private sealed class BrokenHost : IChipHost
    {
        public long SizeOf(string input) => -1;

        public int Read(string input, long offset, Span<byte> destination) => 0;

        public void Emit(string output, ReadOnlySpan<byte> data) => throw new IOException("unplugged");
    }
}
