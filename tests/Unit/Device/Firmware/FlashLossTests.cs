using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.UnitTests.Device.Backup;
using Keywright.UnitTests.PublicDirectory.Backup;

namespace Keywright.UnitTests.Device.Firmware;

/// <summary>
/// An honest device whose flash is lost or put back while a claim is open: it must never claim the same number
/// otherwise, or it looks like a clone.
/// </summary>
public sealed class FlashLossTests : IDisposable
{
    private const ulong Seed = 0x10;

    private static readonly string[] DeliveryCommands = ["claim", "install", "decline", "refused", "done"];

    private readonly DeliveryWorld world = new();
    private readonly TestDevice device;

    public FlashLossTests() => device = world.Make(1);

    [Fact]
    [Trait("Req", "T13")]
    [Trait("Req", "T21")]
    public void A_flash_put_back_while_a_claim_is_open_makes_no_other_claim_at_its_number()
    {
        world.Publish(1);
        var older = FlashOf(device.Chip);
        var claim = device.Claim();
        var grant = world.Deliver.Answer(claim).OrThrow();

        using (var back = TestDevice.Of(device.Chip.WithFlash(older.Snapshot())))
        {
            AssertResumeDue(back);
        }

        Assert.Empty(world.Tracking.ForksOf(device.ChipId));
        Assert.Empty(world.Alerts);
        Assert.Equal(claim, device.Claim());
        Assert.Null(world.Install(device, grant));
    }

    [Fact]
    [Trait("Req", "T13")]
    [Trait("Req", "T21")]
    public void A_flash_with_an_earlier_claim_open_is_no_way_back_to_it()
    {
        _ = device.Claim();
        var first = FlashOf(device.Chip);
        Assert.Null(device.Refused(world.Deliver.Answer(device.Claim()).OrThrow()));
        _ = device.Claim();
        using var back = TestDevice.Of(device.Chip.WithFlash(first.Snapshot()));
        AssertResumeDue(back);
    }

    [Fact]
    [Trait("Req", "T21")]
    public void A_device_that_lost_its_flash_with_its_first_claim_open_recovers_and_says_resume_due()
    {
        var life = new LifeOfAChip(new BackupParties(), new MemoryFiles()).Fielded();
        Assert.Null(life.Execute("claim", new MemoryHost()));
        life.WipeFlash();
        Assert.Null(life.Execute("recover", life.Recovery()));
        Assert.Equal(Reason.ResumeDue, life.Execute("claim", new MemoryHost())?.Reason);
    }

    [Fact]
    [Trait("Req", "T21")]
    public void A_device_that_lost_its_flash_before_it_ever_claimed_has_nothing_to_resume()
    {
        var life = new LifeOfAChip(new BackupParties(), new MemoryFiles()).Fielded();
        life.WipeFlash();
        Assert.Null(life.Execute("recover", life.Recovery()));
        Assert.Null(life.Execute("claim", new MemoryHost()));
    }

    /// <summary>
    /// After a cut anywhere the number is claimed, with the claim in flash, or it is not and nothing was sent.
    /// </summary>
    [Fact]
    [Trait("Req", "T21")]
    public void Power_lost_anywhere_in_a_claim_leaves_no_number_that_could_be_claimed_twice()
    {
        var older = FlashOf(device.Chip);
        var writes = WritesOfClaim();
        var (cuts, claimed) = (0, 0);
        foreach (var (cut, kind) in writes.Index().SelectMany(
            each => each.Item.Kinds.Select(kind => (each.Index, kind))))
        {
            cuts++;
            using var point = device.Clone();
            var host = new MemoryHost();
            var silicon = new PowerCut(point.Chip, Seed);
            using (var doomed = BootedDevice.Boot(silicon))
            {
                silicon.Restore();
                silicon.Arm(cut, kind);
                Assert.Throws<PowerLostException>(() => doomed.Execute("claim", host));
            }

            Assert.Empty(host.Emitted("claim"));
            point.Reboot();
            var stored = point.State.Journal.SizeOf("claim") > 0;
            Assert.Equal(stored ? 1ul : 0ul, point.State.Monotonic.Claimed);
            claimed += stored ? 1 : 0;
            var claim = point.Claim();
            Assert.Equal(claim, point.Claim());
            using var back = TestDevice.Of(point.Chip.WithFlash(older.Snapshot()));
            AssertResumeDue(back);
        }

        Assert.InRange(claimed, 1, cuts - 1);
    }

    public void Dispose()
    {
        device.Dispose();
        world.Dispose();
    }

    private static MemoryFlash FlashOf(SoftChip chip) => (MemoryFlash)chip.Snapshot().Flash;

    private static void AssertResumeDue(TestDevice back)
    {
        foreach (var command in DeliveryCommands)
        {
            Assert.Equal(Reason.ResumeDue, back.Run(command)?.Reason);
        }
    }

    private IReadOnlyList<SiliconWrite> WritesOfClaim()
    {
        using var copy = device.Clone();
        var silicon = new PowerCut(copy.Chip, Seed);
        using var booted = BootedDevice.Boot(silicon);
        silicon.Restore();
        Assert.Null(booted.Execute("claim", new MemoryHost()));
        return silicon.Writes;
    }
}
