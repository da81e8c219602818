using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;

namespace Keywright.UnitTests.Device.Firmware;

public class ProgramCommandTests
{
    private static readonly byte[] Image = ProgrammingWorld.Image();

    [Fact]
    [Trait("Req", "T05")]
    public void The_same_call_again_changes_nothing_and_another_is_refused()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        Assert.Null(Run(chip, Head("SN-1")));
        var after = FingerprintOf(chip);
        Assert.Null(Run(chip, Head("SN-1")));
        Assert.Equal(Reason.IdentityTaken, Run(chip, Head("SN-2"))!.Reason);
        Assert.Equal(Reason.WrongLifecycle, Run(chip, Head("SN-1", key: 2))!.Reason);
        Assert.Equal(after, FingerprintOf(chip));
    }

    [Fact]
    public void A_blank_chip_is_not_programmed() =>
        Assert.Equal(Reason.WrongLifecycle, Run(TestChips.Make(), Head("SN-1"))!.Reason);

    [Fact]
    public void A_call_that_is_not_whole_is_refused_and_changes_nothing()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        var before = FingerprintOf(chip);
        var head = Head("SN-1");
        var changed = Image.ToArray();
        changed[^20] ^= 1;
        Assert.Equal(Reason.MissingInput, Run(chip, new MemoryHost())!.Reason);
        Assert.Equal(Reason.MissingInput, Run(chip, new MemoryHost().With("head", head))!.Reason);
        Assert.Equal(Reason.BodyMismatch, Run(chip, head, changed)!.Reason);
        Assert.Equal(Reason.BodyMismatch, Run(chip, head, Image[..^1])!.Reason);
        Assert.Equal(Reason.TooLarge, Run(chip, new byte[2000])!.Reason);
        Assert.Equal(Reason.Malformed, Run(chip, head[..^1])!.Reason);
        Assert.Equal(
            Reason.StoreFull, Run(chip, Head("SN-1", image: new byte[400_000]), new byte[400_000])!.Reason);
        Assert.Equal(before, FingerprintOf(chip));
    }

    [Fact]
    [Trait("Req", "T05")]
    public void Power_lost_at_any_write_leaves_the_chip_as_before_or_as_after()
    {
        var head = Head("SN-1");
        var report = PowerCutSweep.Run(
            ProvisionedChip(),
            seed: 5,
            silicon =>
            {
                using var device = BootedDevice.Boot(silicon);
                Assert.Null(device.Execute("program", Host(head, Image)));
            },
            state => Assert.Equal(
                state.Monotonic.Identity is not null, state.Journal.SizeOf("bootloader") > 0));
        Assert.True(report.AsBefore > 0 && report.AsAfter > 0);
    }

    private static SoftChip ProvisionedChip() => ProgrammingWorld.ProvisionedChip();

    private static Refusal? Run(SoftChip chip, byte[] head, byte[]? image = null) =>
        Run(chip, Host(head, image ?? Image));

    private static Refusal? Run(SoftChip chip, MemoryHost host)
    {
        using var device = BootedDevice.Boot(chip);
        return device.Execute("program", host);
    }

    private static MemoryHost Host(byte[] head, byte[] image) =>
        new MemoryHost().With("head", head).With("image", image);

    private static byte[] Head(string device, byte key = 1, byte[]? image = null)
    {
        using var content = new ProgramContent
        {
            Kid = 1,
            Key = DeviceKey.FromBytes(Digest.Of([key]).ToArray()),
            Devices = [ProgrammingWorld.Id(device)],
            Product = ProgrammingWorld.Product,
            DeviceType = ProgrammingWorld.DeviceType,
            Encoding = ImageEncoding.Hex,
            Image = new ProgramFile(image ?? Image),
        };
        using var head = ProgramCommand.Encode(content);
        return head.Expose().ToArray();
    }

    private static Digest FingerprintOf(SoftChip chip)
    {
        using var state = ChipState.Boot(chip);
        return PowerCutSweep.Fingerprint(state);
    }
}
