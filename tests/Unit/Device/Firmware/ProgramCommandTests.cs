using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Images;
using Keywright.Protocol.Sealing.Firmware;

namespace Keywright.UnitTests.Device.Firmware;

public class ProgramCommandTests
{
    private static readonly byte[] Image = ProgrammingWorld.Image();

    [Fact]
    [Trait("Req", "T05")]
    public void The_same_call_again_changes_nothing_and_another_is_refused()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        Assert.Null(Run(chip, Sealed("SN-1")));
        var after = FingerprintOf(chip);
        Assert.Null(Run(chip, Sealed("SN-1")));
        Assert.Equal(Reason.IdentityTaken, Run(chip, Sealed("SN-2"))!.Reason);
        Assert.Equal(Reason.WrongLifecycle, Run(chip, Sealed("SN-1", key: 2))!.Reason);
        Assert.Equal(after, FingerprintOf(chip));
    }

    [Fact]
    [Trait("Req", "T05")]
    public void A_call_that_was_sealed_afresh_is_the_same_call()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        var (first, again) = (Sealed("SN-1"), Sealed("SN-1", noise: 2));
        Assert.NotEqual(first.Head, again.Head);
        Assert.NotEqual(first.Image, again.Image);
        Assert.Null(Run(chip, first));
        var after = FingerprintOf(chip);
        Assert.Null(Run(chip, again));
        Assert.Equal(after, FingerprintOf(chip));
    }

    [Fact]
    [Trait("Req", "T05")]
    public void What_was_sealed_to_another_chip_is_not_opened()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        var before = FingerprintOf(chip);
        Assert.Equal(Reason.NotTheRecipient, Run(chip, Sealed("SN-1", number: 2))!.Reason);

        // To this chip's key, in the name of another chip.
        var misnamed = Sealed("SN-1", named: TestChips.Immutable(2).ChipId);
        Assert.Equal(Reason.BadSeal, Run(chip, misnamed)!.Reason);
        Assert.Equal(before, FingerprintOf(chip));
    }

    [Fact]
    public void A_blank_chip_is_not_programmed() =>
        Assert.Equal(Reason.WrongLifecycle, Run(TestChips.Make(), Sealed("SN-1"))!.Reason);

    [Fact]
    public void A_call_that_is_not_whole_is_refused_and_changes_nothing()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        var before = FingerprintOf(chip);
        var whole = Sealed("SN-1");
        Assert.Equal(Reason.MissingInput, Run(chip, new MemoryHost())!.Reason);
        Assert.Equal(Reason.MissingInput, Run(chip, new MemoryHost().With("head", whole.Head))!.Reason);
        Assert.Equal(Reason.TooLarge, Run(chip, whole with { Head = new byte[2000] })!.Reason);
        Assert.Equal(Reason.Malformed, Run(chip, whole with { Head = whole.Head[..^1] })!.Reason);
        Assert.Equal(Reason.BadSeal, Run(chip, whole with { Head = Changed(whole.Head, ^1) })!.Reason);
        var large = Sealed("SN-1", image: new byte[400_000]);
        Assert.Equal(Reason.StoreFull, Run(chip, large)!.Reason);
        Assert.Equal(before, FingerprintOf(chip));
    }

    [Fact]
    [Trait("Req", "T05")]
    public void Only_the_image_that_the_head_announces_is_stored()
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        var before = FingerprintOf(chip);
        var bytes = new byte[(2 * BodyShape.ChunkSize) + 5];
        var whole = Sealed("SN-1", image: bytes);
        var mixed = whole.Image.ToArray();
        var second = mixed.AsSpan((int)BodyShape.OffsetOf(1), BodyShape.SealedChunkSize);
        second.CopyTo(mixed.AsSpan((int)BodyShape.OffsetOf(0)));
        byte[][] images =
        [
            [],
            whole.Image[..^1],
            [.. whole.Image, 0],
            Changed(whole.Image, 0),
            Changed(whole.Image, BodyShape.HeaderSize),
            Changed(whole.Image, ^1),
            mixed,
            Sealed("SN-2", image: bytes).Image,
            Sealed("SN-1", key: 2, image: bytes).Image,
        ];
        foreach (var image in images)
        {
            Assert.Equal(Reason.BodyMismatch, Run(chip, whole with { Image = image })!.Reason);
        }

        Assert.Equal(before, FingerprintOf(chip));
        Assert.Null(Run(chip, whole));
        using var state = ChipState.Boot(chip);
        Assert.Equal(bytes, state.Journal.ReadAll("bootloader").OrThrow());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(BodyShape.ChunkSize)]
    [InlineData(2 * BodyShape.ChunkSize)]
    public void Images_of_any_size_are_stored(int size)
    {
        var chip = ProgrammingWorld.ProvisionedChip();
        var image = new byte[size];
        new SeededEntropy(3).Fill(image);
        Assert.Null(Run(chip, Sealed("SN-1", image: image)));
        using var state = ChipState.Boot(chip);
        Assert.Equal(image, state.Journal.ReadAll("bootloader").OrThrow());
    }

    [Fact]
    [Trait("Req", "T05")]
    public void Power_lost_at_any_write_leaves_the_chip_as_before_or_as_after()
    {
        var call = Sealed("SN-1");
        var report = PowerCutSweep.Run(
            ProvisionedChip(),
            seed: 5,
            silicon =>
            {
                using var device = BootedDevice.Boot(silicon);
                Assert.Null(device.Execute("program", Host(call)));
            },
            state => Assert.Equal(
                state.Monotonic.Identity is not null, state.Journal.SizeOf("bootloader") > 0));
        Assert.True(report.AsBefore > 0 && report.AsAfter > 0);
    }

    private static SoftChip ProvisionedChip() => ProgrammingWorld.ProvisionedChip();

    private static Refusal? Run(SoftChip chip, SealedProgram call) => Run(chip, Host(call));

    private static Refusal? Run(SoftChip chip, MemoryHost host)
    {
        using var device = BootedDevice.Boot(chip);
        return device.Execute("program", host);
    }

    private static MemoryHost Host(SealedProgram call) =>
        new MemoryHost().With("head", call.Head).With("image", call.Image);

    private static byte[] Changed(byte[] bytes, Index at)
    {
        var changed = bytes.ToArray();
        changed[at] ^= 1;
        return changed;
    }

    private static SealedProgram Sealed(
        string device,
        byte key = 1,
        byte[]? image = null,
        int number = 1,
        ChipId? named = null,
        ulong noise = 1)
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
        var chip = ProgrammingWorld.Counted(number);
        return ProgramSealer.Seal(content, named ?? chip.Chip, chip.Kem, new SeededEntropy(noise));
    }

    private static Digest FingerprintOf(SoftChip chip)
    {
        using var state = ChipState.Boot(chip);
        return PowerCutSweep.Fingerprint(state);
    }
}
