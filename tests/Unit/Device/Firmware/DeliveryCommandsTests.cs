using Keywright.Chips;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;

namespace Keywright.UnitTests.Device.Firmware;

public sealed class DeliveryCommandsTests : IDisposable
{
    private readonly DeliveryWorld world = new();
    private readonly TestDevice device;

    public DeliveryCommandsTests() => device = world.Make(1);

    [Fact]
    public void Only_the_stored_claim_leaves_until_it_is_closed()
    {
        var module = world.Publish(1);
        var claim = device.Claim();
        Assert.Equal(claim, device.Claim(module.Digest));
        device.Reboot();
        Assert.Equal(claim, device.Claim());
        Assert.Null(device.Refused(Refusal(claim)));
        Assert.NotEqual(claim, device.Claim());
    }

    [Fact]
    public void A_grant_of_another_key_claim_or_module_installs_nothing()
    {
        var module = world.Publish(1);
        var other = TestModule.Sign(world.Owner, 2);
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        var content = Message.Parse<Grant>(grant).OrThrow().Claimed;
        AssertRefused(Reason.BadMac, Forged(content), module.Manifest);
        AssertRefused(Reason.WrongClaim, Genuine(content with { Claim = Digest.Zero }), module.Manifest);
        AssertRefused(Reason.WrongClaim, Genuine(content with { Number = 2 }), module.Manifest);
        AssertRefused(Reason.WrongGrant, grant, other.Manifest);
        AssertRefused(Reason.MissingInput, grant, module.Manifest, Array.Empty<byte>());
        Assert.Null(world.Install(device, grant));
        Assert.Equal(Reason.NoClaimOpen, device.Install(grant, module.Manifest, default)?.Reason);
    }

    [Fact]
    public void Every_changed_bit_of_the_first_chunk_and_any_cut_installs_nothing_and_closes_nothing()
    {
        world.Publish(1, 20);
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        using var bodies = world.Bodies.Open(Digest.Of(grant.Span)).OrThrow();
        var whole = DeliveryWorld.ReadAll(bodies);
        for (var bit = 0; bit < whole.Length * 8; bit += 3)
        {
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(Reason.BadSeal, grant, bodies.Manifest, whole);
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        AssertRefused(Reason.MissingInput, grant, bodies.Manifest, whole.AsMemory(0, whole.Length - 1));
        Assert.Null(device.Install(grant, bodies.Manifest, whole));
    }

    [Fact]
    public void A_refusal_of_another_key_or_claim_closes_nothing()
    {
        var claim = device.Claim();
        var refusal = new DeliveryRefusal(Digest.Of(claim), 1, FailedCondition.NotEnabled);
        using var wrong = DeviceKey.FromBytes(new byte[32]);
        using var mac = DeliveryKeys.Refusal(wrong);
        Assert.Equal(Reason.BadMac, device.Refused(Message.Mac(refusal, mac).Bytes)?.Reason);
        Assert.Equal(Reason.WrongClaim, device.Refused(Refusal([1]))?.Reason);
        Assert.Equal(claim, device.Claim());
        Assert.Null(device.Refused(Refusal(claim)));
        Assert.Equal(Reason.NoClaimOpen, device.Refused(Refusal(claim))?.Reason);
        Assert.Equal(Reason.UnknownEntry, device.Run("done")?.Reason);
    }

    [Fact]
    public void A_module_that_fits_is_not_declined_and_one_that_does_not_closes_the_number()
    {
        var module = world.Publish(1);
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        Assert.Equal(Reason.WrongGrant, device.Decline(grant, module.Manifest)?.Reason);
        Assert.Null(world.Install(device, grant));

        var large = world.Publish(2, 400_000);
        var second = world.Deliver.Answer(device.Claim()).OrThrow();
        Assert.Equal(Reason.StoreFull, world.Install(device, second)?.Reason);
        Assert.Null(device.Decline(second, large.Manifest));
        Assert.Equal(DeliveryResult.Declined, Message.Parse<Done>(device.Done()).OrThrow().Claimed.Result);
        Assert.Equal(2ul, device.State.Monotonic.Delivery.N);
    }

    [Fact]
    public void A_flash_that_was_put_back_or_lost_needs_a_resume()
    {
        world.Publish(1);
        _ = device.Claim();
        var older = ((MemoryFlash)device.Chip.Flash).Snapshot();
        var grant = world.Deliver.Answer(device.Claim()).OrThrow();
        Assert.Null(world.Install(device, grant));

        using var back = Keywright.Device.Chip.BootedDevice.Boot(device.Chip.WithFlash(older));
        foreach (var command in new[] { "claim", "install", "decline", "refused", "done" })
        {
            Assert.Equal(Reason.ResumeDue, back.Execute(command, new MemoryHost())?.Reason);
        }
    }

    [Fact]
    public void Missing_inputs_are_named()
    {
        Assert.Equal(Reason.NoClaimOpen, device.Run("install")?.Reason);
        _ = device.Claim();
        Assert.Equal(Reason.MissingInput, device.Run("install")?.Reason);
        Assert.Equal(Reason.MissingInput, device.Run("decline")?.Reason);
        Assert.Equal(Reason.MissingInput, device.Run("refused")?.Reason);
        Assert.Equal(
            Reason.Malformed, device.Run("claim", new MemoryHost().With("manifest", new byte[3]))?.Reason);
    }

    public void Dispose()
    {
        device.Dispose();
        world.Dispose();
    }

    private void AssertRefused(
        Reason reason,
        ReadOnlyMemory<byte> grant,
        ReadOnlyMemory<byte> manifest,
        ReadOnlyMemory<byte> bodies = default)
    {
        var before = PowerCutSweep.Fingerprint(device.State);
        Assert.Equal(reason, device.Install(grant, manifest, bodies)?.Reason);
        Assert.Equal(before, PowerCutSweep.Fingerprint(device.State));
    }

    private static ReadOnlyMemory<byte> Forged(Grant grant)
    {
        using var wrong = DeviceKey.FromBytes(new byte[32]);
        using var mac = DeliveryKeys.Grant(wrong);
        return Message.Mac(grant, mac).Bytes;
    }

    private ReadOnlyMemory<byte> Genuine(Grant grant)
    {
        using var key = OwnKey();
        using var mac = DeliveryKeys.Grant(key);
        return Message.Mac(grant, mac).Bytes;
    }

    private ReadOnlyMemory<byte> Refusal(byte[] claim)
    {
        using var key = OwnKey();
        using var mac = DeliveryKeys.Refusal(key);
        return Message.Mac(new DeliveryRefusal(Digest.Of(claim), 1, FailedCondition.NotEnabled), mac).Bytes;
    }

    private DeviceKey OwnKey() =>
        device.State.KeyStore.Open<DeviceKey>(Keywright.Device.Firmware.DeviceKeys.Handle(1)).OrThrow();
}
