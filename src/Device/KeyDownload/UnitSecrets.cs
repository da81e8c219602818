using System.Globalization;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.KeyDownload;

namespace Keywright.Device.KeyDownload;

/// <summary>
/// What a unit judges IMPORT KEY by: T_SN for this one command, and its slots as they are now
/// (docs/spec/keydownload.md §7.3). T is the one provisioned key of usage "transport"; a unit that was given
/// T_SN alone holds it as "unit-transport".
/// </summary>
internal sealed class UnitSecrets : IDisposable
{
    public const string TransportUsage = "transport";
    public const string UnitUsage = "unit-transport";

    /// <summary>Where a provisioned slot table lies: in the key store, so that a recovery brings it back.</summary>
    public static readonly KeyHandle SlotTableHandle = new(
        KeyKind.Provisioned, SlotTable.AssetRef.ToString(CultureInfo.InvariantCulture));

    public static readonly KeyAttributes SlotTableAttributes = new("configuration", string.Empty, 1);

    private UnitSecrets(UnitKey unit, IReadOnlyList<KeySlot> slots)
    {
        Unit = unit;
        Slots = slots;
    }

    public UnitKey Unit { get; }

    public IReadOnlyList<KeySlot> Slots { get; }

    /// <summary>
    /// Refusals: Malformed, WrongVersion, TooLarge (the slot table), UnknownKey (no transport key, or several).
    /// </summary>
    public static Outcome<UnitSecrets> Open(ChipState chip)
    {
        if (TableOf(chip.KeyStore).Refused(out var table, out var why))
        {
            return why;
        }

        var held = chip.KeyStore.Keys.Where(IsTransport).ToList();
        if (held is not [var key] || key.Length is not (16 or 24 or 32))
        {
            return new Refusal(
                Reason.UnknownKey, $"{held.Count} transport keys in the key store, one AES key is needed");
        }

        var slots = table.Slots.Select(slot => AsItIs(slot, chip.KeyStore)).ToList();
        return new UnitSecrets(KeyOf(key, chip, table), slots);
    }

    public void Dispose() => Unit.Dispose();

    private static bool IsTransport(StoredKey key) =>
        key.Handle.Kind == KeyKind.Provisioned && key.Attributes.Usage is TransportUsage or UnitUsage;

    private static UnitKey KeyOf(StoredKey key, ChipState chip, SlotTable table)
    {
        if (key.Attributes.Usage == UnitUsage)
        {
            return new UnitKey(key.Material.Expose());
        }

        using var transport = new TransportKey(key.Material.Expose());
        return Diversification.KeyOf(transport, UnitState.SerialOf(chip), table.ApplicationId.Span);
    }

    private static Outcome<SlotTable> TableOf(KeyStore store) =>
        store.Find(SlotTableHandle).Refused(out var table, out _)
            || table.Attributes.Usage != SlotTableAttributes.Usage
            ? SlotTable.Default
            : SlotTable.Parse(table.Material.Expose());

    /// <summary>The version of the key that a slot holds is its minimum from then on.</summary>
    private static KeySlot AsItIs(KeySlot slot, KeyStore store) =>
        store.Find(ImportApplicationKey.HandleOf(slot.Ref2)).Refused(out var key, out _)
            ? slot
            : slot with { MinimumVersion = Math.Max(slot.MinimumVersion, (int)key.Attributes.Version) };
}
