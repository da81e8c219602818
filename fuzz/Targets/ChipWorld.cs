using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Device.Firmware;
using Keywright.Owner.Firmware;
using Keywright.Owner.Provisioning;
using Keywright.Protocol;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Backup.Log;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Sealing;
using DeliveryKeys = Keywright.Protocol.Firmware.DeliveryKeys;

namespace Keywright.Fuzz.Targets;

/// <summary>A made-up chip maker, OEM, owner and site around one chip, all from a seed.</summary>
internal sealed class ChipWorld
{
    public const string Product = "lamp";
    public const string DeviceType = "lamp-2";

    private static readonly SigningKey ChipMaker = SigningKey.Generate(new SeededEntropy(10));
    private static readonly ChipFamily Family =
        ChipFamily.Create("test family", 2, ChipMaker.Public, new SeededEntropy(11));

    public SigningKey OrderKey { get; } = SigningKey.Generate(new SeededEntropy(12));

    public SigningKey IssuingKey { get; } = SigningKey.Generate(new SeededEntropy(13));

    public SigningKey LogSigner { get; } = SigningKey.Generate(new SeededEntropy(14));

    public SigningKey Owner { get; } = SigningKey.Generate(new SeededEntropy(15));

    public DeviceKey DeviceKey { get; } = DeviceKey.FromBytes(Digest.Of("device key"u8).ToArray());

    public DeviceId Device { get; } = DeviceId.Parse("LAMP-0001").OrThrow();

    public byte[] Transport { get; } = Digest.Of("transport"u8).ToArray();

    public LogKey Log => new("directory.example/log", LogSigner.Public);

    public Verified<Issuer> Issuer =>
        Message.Sign(new Issuer(IssuingKey.Public, Product, Log.ToString()), OrderKey);

    /// <summary>A chip as the chip maker delivers it.</summary>
    public static SoftChip Blank(ulong number = 1)
    {
        var noise = new SeededEntropy(1000 + number);
        var id = new byte[16];
        noise.Fill(id);
        return SoftChip.Fabricate(
            ImmutableMemory.Read(Family.ImmutableMemoryOf(ChipId.FromRandom(id), lot: 7)).OrThrow(),
            noise,
            new byte[SoftChip.TesterSize],
            new FlashGeometry(64, 1024));
    }

    /// <summary>The same after provisioning, and personalised if asked.</summary>
    public SoftChip Provisioned(bool personalised)
    {
        var chip = Blank();
        Change(chip, (state, transaction) =>
        {
            using var draft = state.KeyStore.Draft();
            Require(draft.Put(
                new KeyHandle(KeyKind.Provisioned, "7"), new KeyAttributes("transport", "", 1), Transport));
            Require(draft.Put(
                new KeyHandle(KeyKind.TrustAnchor, "0"), new KeyAttributes("owner", "", 1), Owner.Public.Bytes));
            transaction.Then(MonotonicUpdate.OwnedBy(OrderKey.Public.Id));
            transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
            if (personalised)
            {
                Require(draft.Put(DeviceKeys.Handle(1), new KeyAttributes("device", "", 1), DeviceKey.Expose()));
                Require(new Nameplate(Device, Product, DeviceType).Stage(transaction));
                transaction.Then(MonotonicUpdate.IdentifiedAs(Device.Hash()));
                transaction.Then(MonotonicUpdate.Reached(Lifecycle.Personalised));
            }

            Require(state.KeyStore.Stage(draft, transaction));
        });
        return chip;
    }

    public static void Change(SoftChip chip, Action<ChipState, Transaction> act)
    {
        using var state = ChipState.Boot(chip);
        using var transaction = state.Journal.Begin();
        act(state, transaction);
        transaction.Commit();
    }

    /// <summary>What a command of the chip emits.</summary>
    public static byte[] Ask(SoftChip chip, string command, string output, MemoryHost? host = null)
    {
        host ??= new MemoryHost();
        using var booted = BootedDevice.Boot(chip);
        Require(booted.Execute(command, host));
        return host.Emitted(output);
    }

    public static void Require(Refusal? refusal)
    {
        if (refusal is not null)
        {
            throw new InvalidOperationException(refusal.ToString());
        }
    }
}
