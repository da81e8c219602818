using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Firmware;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Station.Firmware;

namespace Keywright.UnitTests.Station.Firmware;

/// <summary>
/// Something in the socket that is not the chip: it says what a counted chip says, and keeps what it is given
/// for "program".
/// </summary>
public sealed class EmulatedChipTests : IDisposable
{
    private readonly ProgrammingWorld world = new();

    [Fact]
    [Trait("Req", "T05")]
    public void An_emulator_of_a_counted_chip_gets_nothing_that_it_can_open()
    {
        using var counted = ProgrammingWorld.ProvisionedChip();
        using var own = HpkePrivateKey.Generate(new SeededEntropy(1234));
        var emulator = new Emulator(counted, own);
        Program(emulator);
        AssertUseless(emulator.Head, emulator.Image, own, counted);

        Assert.Equal("SN-1", Program(counted).Devices[0].ToString());
    }

    [Fact]
    [Trait("Req", "T05")]
    public void An_interposer_in_the_socket_of_the_true_chip_gets_nothing_that_it_can_open()
    {
        using var chip = ProgrammingWorld.ProvisionedChip();
        using var own = HpkePrivateKey.Generate(new SeededEntropy(1234));
        using var device = BootedDevice.Boot(chip);
        var interposer = new Interposer(device);
        Program(interposer);
        AssertUseless(interposer.Head, interposer.Image, own, chip);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [Trait("Req", "T05")]
    public void An_emulator_that_only_says_done_costs_the_chip_nothing(int size)
    {
        using var counted = ProgrammingWorld.ProvisionedChip();
        using var own = HpkePrivateKey.Generate(new SeededEntropy(1234));
        var emulator = new Emulator(counted, own) { Confirmation = new byte[size] };
        Assert.True(Program(emulator).Refused(out _, out var why));
        Assert.Equal(Reason.BadMac, why.Reason);

        // The turn is still the chip's: it gets the File that was made for it.
        using var device = BootedDevice.Boot(counted);
        var confirmed = new Interposer(device);
        Assert.Equal("SN-1", Program(confirmed).OrThrow().Devices[0].ToString());

        // A confirmation is the chip's own: another's does not serve.
        Assert.Equal(ProgramCommand.ConfirmationSize, confirmed.Confirmation.Length);
        using var second = ProgrammingWorld.ProvisionedChip(2);
        var replayed = new Emulator(second, own) { Confirmation = confirmed.Confirmation };
        Assert.True(Program(replayed).Refused(out _, out why));
        Assert.Equal(Reason.BadMac, why.Reason);
    }

    public void Dispose() => world.Dispose();

    /// <summary>Neither key nor program in clear, and sealed to the chip that was counted alone.</summary>
    private void AssertUseless(byte[] head, byte[] image, HpkePrivateKey own, SoftChip chip)
    {
        var record = world.Devices.Find(chip.Immutable.ChipId)!;
        using var key = record.OpenKey(world.Sealer);
        Assert.NotEmpty(head);
        Assert.NotEmpty(image);
        Assert.Equal(-1, head.AsSpan().IndexOf(key.Expose()));
        Assert.Equal(-1, image.AsSpan().IndexOf(key.Expose()));
        Assert.Equal(-1, image.AsSpan().IndexOf(ProgrammingWorld.Image().AsSpan(0, 64)));
        var binding = ProgramCommand.Binding(chip.Immutable.ChipId);
        Assert.Equal(Reason.NotTheRecipient, Open(head, binding, own));

        // The recipient's name is no part of what it cannot do: under its own name the seal fails.
        using var keys = ChipState.Boot(chip);
        var renamed = head.ToArray();
        var name = renamed.AsSpan().IndexOf(keys.Keys.Kem.Public.Id.ToArray());
        own.Public.Id.CopyTo(renamed.AsSpan(name, Digest.Size));
        Assert.Equal(Reason.BadSeal, Open(renamed, binding, own));
    }

    private static Reason? Open(byte[] head, byte[] binding, HpkePrivateKey own) =>
        HpkeOpener.Open(head, binding, own, ProgramCommand.MaxHeadBytes).Refused(out _, out var why)
            ? why.Reason
            : null;

    private ClosedTurn Program(SoftChip chip)
    {
        using var device = BootedDevice.Boot(chip);
        return Program(device).OrThrow();
    }

    private Outcome<ClosedTurn> Program(IChip chip)
    {
        using var journal = world.OpenJournal();
        return new ProgramChip(
            journal, new LocalSite(world.Site.Answer), world.ProgrammingKey.Public, world.Entropy)
            .Program(chip, ProgrammingWorld.DeviceType, ProgrammingWorld.Order);
    }

    private static byte[] All(IChipHost host, string input)
    {
        var bytes = new byte[host.SizeOf(input)];
        Assert.Equal(bytes.Length, host.Read(input, 0, bytes));
        return bytes;
    }

    /// <summary>Says that it is the counted chip, with a kem key of its own.</summary>
    private sealed class Emulator(SoftChip counted, HpkePrivateKey own) : IChip
    {
        public byte[] Head { get; private set; } = [];

        public byte[] Image { get; private set; } = [];

        /// <summary>What it answers to "program"; null where it refuses.</summary>
        public byte[]? Confirmation { get; init; }

        public Refusal? Execute(string command, IChipHost host)
        {
            if (command == ProgramCommand.Name)
            {
                (Head, Image) = (All(host, ProgramCommand.Head), All(host, ProgramCommand.Image));
                if (Confirmation is null)
                {
                    return new Refusal(Reason.StoreFull, "try again");
                }

                host.Emit(ProgramCommand.Confirmation, Confirmation);
                return null;
            }

            using var device = BootedDevice.Boot(counted.Snapshot());
            var said = new MemoryHost();
            Assert.Null(device.Execute(command, said));
            var facts = ChipFacts.Parse(said.Emitted("facts")).OrThrow() with { Kem = own.Public };
            host.Emit("facts", facts.Encode());
            return null;
        }
    }

    /// <summary>Between station and chip: it passes everything on and keeps a copy.</summary>
    private sealed class Interposer(IChip chip) : IChip
    {
        public byte[] Head { get; private set; } = [];

        public byte[] Image { get; private set; } = [];

        public byte[] Confirmation { get; private set; } = [];

        public Refusal? Execute(string command, IChipHost host)
        {
            if (command == ProgramCommand.Name)
            {
                (Head, Image) = (All(host, ProgramCommand.Head), All(host, ProgramCommand.Image));
            }

            var refused = chip.Execute(command, host);
            Confirmation = ((MemoryHost)host).Emitted(ProgramCommand.Confirmation);
            return refused;
        }
    }
}
