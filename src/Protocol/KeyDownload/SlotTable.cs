using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// Which slots a unit has and what each takes, with the application ID of the SAM that fills them
/// (docs/spec/keydownload.md §7.3). The OEM provisions it as the configuration under <see cref="AssetRef"/>; the chip keeps it in its key store.
/// CBOR: {0: 1, 1: application ID, 2: [+ REF2, usage, mode, minimum version]}, the array flat, REF2 rising.
/// </summary>
/// <param name="ApplicationId">1 to 8 bytes.</param>
/// <param name="Slots">1 to 32 slots, by rising REF2.</param>
public sealed record SlotTable(ReadOnlyMemory<byte> ApplicationId, IReadOnlyList<KeySlot> Slots)
{
    /// <summary>The asset reference that is kept for this table.</summary>
    public const uint AssetRef = 75;

    /// <summary>The most slots of a unit.</summary>
    public const int MaxSlots = 32;

    /// <summary>The largest table in bytes.</summary>
    public const int MaxSize = 1024;

    private const int FieldCount = 4;
    private const int MaxVersion = 99;

    /// <summary>
    /// What a unit has when none was provisioned: application ID "KWTA"; slots 1–8 for data encryption (D0,
    /// B), 9–16 for CMAC (M6, C), from version 1 on.
    /// </summary>
    public static readonly SlotTable Default = new(
        "KWTA"u8.ToArray(),
        [
            .. Enumerable.Range(1, 8).Select(ref2 => new KeySlot((uint)ref2, "D0", 'B', 1)),
            .. Enumerable.Range(9, 8).Select(ref2 => new KeySlot((uint)ref2, "M6", 'C', 1)),
        ]);

    /// <summary>The bytes to be provisioned.</summary>
    public byte[] Encode()
    {
        using var writer = new CborWriter(MaxSize);
        writer.Map(3).Key(0).UInt(1).Key(1).Bytes(ApplicationId.Span).Key(2).Array(Slots.Count * FieldCount);
        foreach (var slot in Slots)
        {
            writer.UInt(slot.Ref2).Text(slot.Usage).Text($"{slot.Mode}").UInt((uint)slot.MinimumVersion);
        }

        return writer.ToArray();
    }

    /// <summary>
    /// Reads a table. Refusals: <see cref="Reason.TooLarge"/>, <see cref="Reason.Malformed"/>,
    /// <see cref="Reason.WrongVersion"/>.
    /// </summary>
    public static Outcome<SlotTable> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSize)
        {
            return new Refusal(Reason.TooLarge, $"a slot table of {bytes.Length} bytes");
        }

        var reader = new CborReader(bytes);
        reader.Map(3);
        reader.Version(1);
        reader.Key(1);
        var applicationId = reader.Bytes(1, Diversification.MaxApplicationIdSize).ToArray();
        reader.Key(2);
        var count = reader.Array(FieldCount, MaxSlots * FieldCount);
        var slots = new List<KeySlot>();
        while (!reader.Failed && slots.Count * FieldCount < count)
        {
            var slot = ReadSlot(ref reader);
            if (slots.Count > 0 && slots[^1].Ref2 >= slot.Ref2)
            {
                reader.Refuse(Reason.Malformed, $"slot {slot.Ref2} is out of order");
            }

            slots.Add(slot);
        }

        reader.EndArray();
        reader.EndMap();
        return reader.Finish() is { } refusal ? refusal : new SlotTable(applicationId, slots);
    }

    private static KeySlot ReadSlot(ref CborReader reader)
    {
        var ref2 = reader.UInt32();
        var usage = reader.Text(2, 2);
        var mode = reader.Text(1, 1);
        var version = reader.UInt32(MaxVersion);
        if (!reader.Failed && (version == 0 || !KeyBlock.IsWord(usage) || !KeyBlock.IsWord(mode)))
        {
            reader.Refuse(Reason.Malformed, $"slot {ref2} is of no usage, mode or version");
        }

        return new KeySlot(ref2, usage, mode is [var one] ? one : ' ', (int)version);
    }
}
