using System.Buffers.Binary;
using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.KeyDownload;
using Keywright.TestSupport;

namespace Keywright.UnitTests.KeyDownload;

/// <summary>A unit: a chip provisioned with T, and its two commands. Each command is a boot of its own.</summary>
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

    public UnitKey Key(byte[]? applicationId = null)
    {
        using var transport = new TransportKey(Transport);
        return Diversification.KeyOf(transport, Serial, applicationId ?? SlotTable.Default.ApplicationId.Span);
    }

    public Outcome<byte[]> Challenge(uint ref1)
    {
        var name = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(name, ref1);
        return Execute("challenge", "ref1", name, "export-key");
    }

    public Outcome<byte[]> Import(ReadOnlyMemory<byte> importKey) =>
        Execute("import-key", "import-key", importKey, "acknowledgement");

    public Outcome<byte[]> Execute(string command, string input, ReadOnlyMemory<byte> content, string output) =>
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
        return chip.KeyStore.Find(new KeyHandle(KeyKind.Application, $"{ref2}")).Refused(out var key, out _) ? null : key;
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

    /// <summary>All bytes of the flash.</summary>
    public byte[] Flash()
    {
        var bytes = new byte[silicon.Flash.PageCount * silicon.Flash.PageSize];
        silicon.Flash.Read(0, bytes);
        return bytes;
    }

    public void Provision(byte[] transport, string usage, byte[]? table) => Change((chip, transaction) =>
    {
        using var draft = chip.KeyStore.Draft();
        Assert.Null(draft.Put(new KeyHandle(KeyKind.Provisioned, "7"), new KeyAttributes(usage, "", 1), transport));
        Assert.Null(draft.Put(new KeyHandle(KeyKind.Device, "1"), new KeyAttributes("device", "", 1), new byte[32]));
        Assert.Null(chip.KeyStore.Stage(draft, transaction));
        if (table is not null)
        {
            Assert.Null(transaction.Put($"asset/{SlotTable.AssetRef}", table));
        }

        transaction.Then(MonotonicUpdate.Reached(Lifecycle.Provisioned));
    });
}
