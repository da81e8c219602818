using Keywright.Device.Chip;
using Keywright.Device.KeyDownload;
using Keywright.Protocol;
using Keywright.Protocol.Cose;
using Keywright.Protocol.KeyDownload;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>
/// What a program installs (docs/spec/provisioning.md §6): gathered in one transaction that takes effect
/// whole with its commit, or not at all. Without a commit nothing has changed.
/// </summary>
internal sealed class Installation(ChipState chip, Facts facts) : IDisposable
{
    /// <summary>The flash object that holds the receipt.</summary>
    public const string ReceiptName = "receipt";

    private KeyStoreDraft? draft;
    private Transaction? transaction;
    private MemoryStream? slotTable;

    private Transaction Transaction => transaction ??= chip.Journal.Begin();

    /// <summary>Puts key bytes where the asset at hand says. Refusals: Malformed, TooLarge.</summary>
    public Refusal? Put(ReadOnlySpan<byte> key)
    {
        var asset = facts.Asset;
        var usage = asset.Storage == AssetStorage.TransportKey
            ? "transport"
            : asset.Kind.ToString().ToLowerInvariant();
        var kind = asset.Kind == AssetKind.Owner ? KeyKind.TrustAnchor : KeyKind.Provisioned;
        draft ??= chip.KeyStore.Draft();
        return draft.Put(
            new KeyHandle(kind, asset.Ref.ToString()), new KeyAttributes(usage, string.Empty, 1), key);
    }

    /// <summary>
    /// Makes room for the asset at hand as a flash object. The slot table of key download goes into the key
    /// store instead: its backup brings it back. Refusals: StoreFull, TooLarge (a slot table).
    /// </summary>
    public Refusal? Create(string prefix)
    {
        if (!IsSlotTable)
        {
            return Transaction.Create(prefix + facts.Asset.Ref, (int)facts.Asset.SizeBytes);
        }

        slotTable = new MemoryStream(SlotTable.MaxSize);
        return facts.Asset.SizeBytes <= SlotTable.MaxSize
            ? null
            : new Refusal(Reason.TooLarge, $"a slot table of {facts.Asset.SizeBytes} bytes");
    }

    /// <summary>The next bytes of that object.</summary>
    public void Append(ReadOnlySpan<byte> clear)
    {
        if (IsSlotTable)
        {
            slotTable!.Write(clear);
            return;
        }

        Transaction.Append(clear);
    }

    /// <summary>The chip's signed word on it.</summary>
    public byte[] Receipt(Digest order, Digest package, uint lifecycle)
    {
        // No silicon of today has a debug port to report on.
        var receipt = new Receipt(
            chip.Immutable.ChipId,
            order,
            package,
            lifecycle,
            Debug: false,
            chip.Keys.Identity.Public,
            chip.Keys.Kem.Public);
        return Message.Sign(receipt, chip.Keys.Identity).Bytes.ToArray();
    }

    /// <summary>
    /// Makes it so: objects, keys and receipt by one commit record, then owner and lifecycle, which boot
    /// rolls forward. Refusals: Malformed, WrongOwner, StoreFull, and those of the key store.
    /// </summary>
    public Refusal? Commit(PublicValue receipt, PublicValue owner, Lifecycle lifecycle)
    {
        if (receipt.Bytes is not { } bytes || owner.Digest is not { } oem)
        {
            return new Refusal(Reason.Malformed, "a commit takes a receipt and the digest of a key");
        }

        if (chip.Monotonic.Owner is { } other && other != oem)
        {
            return new Refusal(Reason.WrongOwner, "the chip belongs to another owner");
        }

        if (Transaction.Put(ReceiptName, bytes) is { } full)
        {
            return full;
        }

        // Also an order without keys leaves a store: flash that was erased after it is then told apart.
        draft ??= chip.KeyStore.Draft();
        if ((PutSlotTable(draft) ?? chip.KeyStore.Stage(draft, Transaction)) is { } refused)
        {
            return refused;
        }

        Transaction.Then(MonotonicUpdate.OwnedBy(oem));
        Transaction.Then(MonotonicUpdate.Reached(lifecycle));
        Transaction.Commit();
        return null;
    }

    public void Dispose()
    {
        transaction?.Dispose();
        draft?.Dispose();
    }

    private bool IsSlotTable =>
        facts.Asset is { Kind: AssetKind.Configuration, Ref: SlotTable.AssetRef };

    private Refusal? PutSlotTable(KeyStoreDraft into) => slotTable is null
        ? null
        : into.Put(UnitSecrets.SlotTableHandle, UnitSecrets.SlotTableAttributes, slotTable.ToArray());
}
