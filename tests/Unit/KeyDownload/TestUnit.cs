using System.Buffers.Binary;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;
using Keywright.TestSupport;

namespace Keywright.UnitTests.KeyDownload;

/// <summary>
/// A unit: a chip provisioned with T, and its two commands. Each command is a boot of its own.
/// </summary>
internal sealed class TestUnit(SoftChip silicon)
{
    public static readonly byte[] Transport = [.. Enumerable.Range(1, 32).Select(i => (byte)(i * 7))];

    public SoftChip Silicon => silicon;

    public SerialNumber Serial => new(silicon.Immutable.ChipId.ToArray());

    public static TestUnit Make(
        ulong number = 1,
        byte[]? transport = null,
        string usage = "transport",
        SlotTable? table = null,
        FlashGeometry? geometry = null)
    {
        var unit = new TestUnit(TestChips.Make(number, geometry: geometry));
        unit.Provision(transport ?? Transport, usage, table?.Encode());
        return unit;
    }

    public Outcome<byte[]> Challenge(uint ref1)
    {
        var name = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(name, ref1);
        return Execute("challenge", "ref1", name, "export-key");
    }

    public Outcome<byte[]> Import(ReadOnlyMemory<byte> importKey) => Import(silicon, importKey);

    public static Outcome<byte[]> Import(ISilicon silicon, ReadOnlyMemory<byte> importKey) =>
        Execute(silicon, "import-key", "import-key", importKey, "acknowledgement");

    public Outcome<byte[]> Execute(
        string command, string input, ReadOnlyMemory<byte> content, string output) =>
        Execute(silicon, command, input, content, output);

    public static Outcome<byte[]> Execute(
        ISilicon silicon, string command, string input, ReadOnlyMemory<byte> content, string output)
    {
        using var device = BootedDevice.Boot(silicon);
        var host = new MemoryHost().With(input, content);
        return device.Execute(command, host) is { } refused ? refused : host.Emitted(output);
    }

    /// <summary>The stored application key of a slot; null when there is none.</summary>
    public StoredKey? Stored(uint ref2)
    {
        using var chip = ChipState.Boot(silicon);
        var handle = new KeyHandle(KeyKind.Application, $"{ref2}");
        return chip.KeyStore.Keys.SingleOrDefault(key => key.Handle == handle);
    }

    /// <summary>All that the chip is, and its store number.</summary>
    public (Digest State, ulong Number, int Keys) Fingerprint()
    {
        using var chip = ChipState.Boot(silicon);
        return (PowerCutSweep.Fingerprint(chip), chip.KeyStore.Number, chip.KeyStore.Keys.Count);
    }

    public void Change(Action<ChipState, Transaction> act)
    {
        using var chip = ChipState.Boot(silicon);
        using var transaction = chip.Journal.Begin();
        act(chip, transaction);
        transaction.Commit();
    }

    public TestUnit Copy() => new(silicon.Snapshot());

    public void Provision(byte[] transport, string usage, byte[]? table) => Change((chip, transaction) =>
    {
        using var draft = chip.KeyStore.Draft();
        var (given, own) = (new KeyAttributes(usage, "", 1), new KeyAttributes("device", "", 1));
        Assert.Null(draft.Put(new KeyHandle(KeyKind.Provisioned, "7"), given, transport));
        Assert.Null(draft.Put(new KeyHandle(KeyKind.Device, "1"), own, new byte[32]));
        if (table is not null)
        {
            var (place, kind) = (
                new KeyHandle(KeyKind.Provisioned, "75"), new KeyAttributes("configuration", "", 1));
            Assert.Null(draft.Put(place, kind, table));
        }

        Assert.Null(chip.KeyStore.Stage(draft, transaction));
        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
    });
}
