using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>The slots of one run, and the items that name them, facts or constants.</summary>
internal sealed class Slots(Facts facts) : IDisposable
{
    private readonly SlotKey?[] keys = new SlotKey?[InstructionSet.SlotCount];
    private readonly PublicValue[] values = new PublicValue[InstructionSet.SlotCount];

    public ReadOnlySpan<byte> Key(Operand operand) => keys[operand.Number]!.Expose();

    /// <summary>Takes a copy; what was in the slot is wiped.</summary>
    public void SetKey(Operand operand, ReadOnlySpan<byte> bytes)
    {
        var next = new SlotKey(bytes);
        keys[operand.Number]?.Dispose();
        keys[operand.Number] = next;
    }

    public void SetValue(Operand operand, PublicValue value) => values[operand.Number] = value;

    public PublicValue Value(Operand operand) => Value(operand.Item);

    public PublicValue Value(Item item) => item.Kind switch
    {
        ItemKind.Value => values[item.Number],
        ItemKind.Text => PublicValue.Of(item.Text),
        ItemKind.Number => PublicValue.Of(item.Number),
        ItemKind.Fact => facts[item.Fact],
        _ => throw new InvalidOperationException("The checker lets no secret stand here."),
    };

    /// <summary>A size operand: a constant, the size of the asset at hand, or that of part keys.</summary>
    public int Size(Operand operand) => (int)Value(operand).Number!;

    /// <summary>
    /// Items as one CBOR array; secret ones may stand among them, so the writer is to be disposed.
    /// </summary>
    public CborWriter Array(Operand operand)
    {
        var writer = new CborWriter(256);
        var shares = operand.Items.Count(item => item.Kind == ItemKind.Shares);
        writer.Array(operand.Items.Length + (shares * (facts.Shares.Count - 1)));
        foreach (var item in operand.Items)
        {
            switch (item.Kind)
            {
                case ItemKind.Key:
                    writer.Bytes(keys[item.Number]!.Expose());
                    break;
                case ItemKind.Shares:
                    foreach (var share in facts.Shares)
                    {
                        WriteOfEpoch(writer, share);
                    }

                    break;
                default:
                    Value(item).Write(writer);
                    break;
            }
        }

        return writer;
    }

    public void Dispose()
    {
        foreach (var key in keys)
        {
            key?.Dispose();
        }
    }

    private void WriteOfEpoch(CborWriter writer, Protocol.Keys.Secret share)
    {
        Span<byte> ofEpoch = stackalloc byte[Facts.RootSize];
        facts.DeriveOfEpoch(share, ofEpoch);
        writer.Bytes(ofEpoch);
        CryptographicOperations.ZeroMemory(ofEpoch);
    }
}
