using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;

namespace Keywright.TestSupport;

/// <summary>A device by its commands, as a computer next to it uses them.</summary>
internal sealed class TestDevice : IDisposable
{
    private TestDevice(SoftChip chip)
    {
        Chip = chip;
        Booted = BootedDevice.Boot(chip);
    }

    public SoftChip Chip { get; }

    public BootedDevice Booted { get; private set; }

    public ChipId ChipId => Chip.Immutable.ChipId;

    public ChipState State => Booted.State;

    /// <summary>
    /// What first programming leaves: nameplate, K_D, the owner's trust anchor, identity, lifecycle.
    /// </summary>
    public static TestDevice Program(
        ulong number,
        DeviceId id,
        string product,
        string deviceType,
        DeviceKey key,
        params PublicKey[] owners) =>
        Program(TestChips.Make(number), id, product, deviceType, key, owners);

    /// <summary>The same for a chip that is there already.</summary>
    public static TestDevice Program(
        SoftChip chip,
        DeviceId id,
        string product,
        string deviceType,
        DeviceKey key,
        params PublicKey[] owners)
    {
        using (var state = ChipState.Boot(chip))
        {
            using var transaction = state.Journal.Begin();
            Assert.Null(new Nameplate(id, product, deviceType).Stage(transaction));
            using var draft = state.KeyStore.Draft();
            Assert.Null(draft.Put(DeviceKeys.Handle(1), new KeyAttributes("device", "", 1), key.Expose()));
            foreach (var (index, owner) in owners.Index())
            {
                var handle = new KeyHandle(KeyKind.TrustAnchor, $"{index}");
                Assert.Null(draft.Put(handle, new KeyAttributes("owner", "", 1), owner.Bytes));
            }

            Assert.Null(state.KeyStore.Stage(draft, transaction));
            transaction.Then(MonotonicUpdate.IdentifiedAs(id.Hash()));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
            transaction.Commit();
        }

        return new TestDevice(chip);
    }

    /// <summary>A chip that has been programmed, booted.</summary>
    public static TestDevice Of(SoftChip chip) => new(chip);

    /// <summary>A perfect copy, silicon, flash and all, with noise of its own.</summary>
    public TestDevice Clone(ulong noise = 99) => new(Chip.Snapshot(new SeededNoise(noise)));

    public void Reboot()
    {
        Booted.Dispose();
        Booted = BootedDevice.Boot(Chip);
    }

    public byte[] Claim(Digest? manifest = null)
    {
        var host = new MemoryHost();
        if (manifest is { } digest)
        {
            host.With("manifest", digest.ToArray());
        }

        var refused = Run("claim", host);
        return refused is null
            ? host.Emitted("claim")
            : throw new InvalidOperationException(refused.ToString());
    }

    public Refusal? Install(
        ReadOnlyMemory<byte> grant, ReadOnlyMemory<byte> manifest, ReadOnlyMemory<byte> bodies) =>
        Run("install", Granted(grant, manifest).With("bodies", bodies));

    public Refusal? Decline(ReadOnlyMemory<byte> grant, ReadOnlyMemory<byte> manifest) =>
        Run("decline", Granted(grant, manifest));

    public Refusal? Refused(ReadOnlyMemory<byte> refusal) =>
        Run("refused", new MemoryHost().With("refusal", refusal));

    public Refusal? InstallModule(ReadOnlyMemory<byte> manifest, ReadOnlyMemory<byte> bodies) =>
        Run("install-module", new MemoryHost().With("module", manifest).With("bodies", bodies));

    public byte[] Done()
    {
        var host = new MemoryHost();
        Assert.Null(Run("done", host));
        return host.Emitted("done");
    }

    public InstalledPrograms Programs => InstalledPrograms.Of(State).OrThrow();

    public byte[] BytesOf(Digest owner, string program) =>
        State.Journal.ReadAll(Programs.Find(owner, program)!.ObjectName).OrThrow();

    public Refusal? Run(string command, MemoryHost? host = null) =>
        Booted.Execute(command, host ?? new MemoryHost());

    public void Dispose() => Booted.Dispose();

    private static MemoryHost Granted(ReadOnlyMemory<byte> grant, ReadOnlyMemory<byte> manifest) =>
        new MemoryHost().With("grant", grant).With("module", manifest);
}
