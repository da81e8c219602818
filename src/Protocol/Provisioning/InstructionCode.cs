using System.Collections.Immutable;
using Keywright.Protocol.Cbor;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// Instructions as bytes (docs/spec/provisioning.md §3): a CBOR array of arrays [opcode, operands…]. An item
/// is a text (a constant), an unsigned integer (0–11 v0…v11, 16–27 k0…k11, 28 the shares, from 32 a fact) or
/// a negative one (−1 − n, the constant n).
/// </summary>
public static class InstructionCode
{
    private const int MaxItems = 16;
    private const int MaxText = 64;
    private const int TextMajor = 3;
    private const uint FirstKey = 16;
    private const uint SharesCode = 28;
    private const uint MaxLifecycle = 4;

    /// <summary>Reads instructions. Refusals: Malformed, TooLarge.</summary>
    public static Outcome<Instruction[]> Decode(ReadOnlySpan<byte> code)
    {
        var reader = new CborReader(code);
        var count = reader.Array(1, InstructionSet.MaxInstructions);
        var instructions = new List<Instruction>(count);
        while (!reader.Failed && instructions.Count < count)
        {
            instructions.Add(ReadInstruction(ref reader));
        }

        reader.EndArray();
        return reader.Finish() is { } malformed ? malformed : instructions.ToArray();
    }

    /// <summary>Writes instructions.</summary>
    public static byte[] Encode(IReadOnlyList<Instruction> instructions)
    {
        using var writer = new CborWriter(1024);
        writer.Array(instructions.Count);
        foreach (var instruction in instructions)
        {
            writer.Array(1 + instruction.Operands.Length).UInt((uint)instruction.Opcode);
            foreach (var operand in instruction.Operands)
            {
                WriteOperand(writer, operand);
            }
        }

        return writer.ToArray();
    }

    private static Instruction ReadInstruction(ref CborReader reader)
    {
        var size = reader.Array(1, 8);
        var opcode = (Opcode)Math.Min(reader.UInt(ulong.MaxValue), int.MaxValue);
        if (reader.Failed || !InstructionSet.Operands.TryGetValue(opcode, out var kinds)
            || kinds.Length != size - 1)
        {
            reader.Refuse(Reason.Malformed, $"opcode {(uint)opcode} with {size - 1} operands");
            return new Instruction(opcode, []);
        }

        var operands = ImmutableArray.CreateBuilder<Operand>(kinds.Length);
        foreach (var kind in kinds)
        {
            operands.Add(ReadOperand(ref reader, kind));
        }

        reader.EndArray();
        return new Instruction(opcode, operands.ToImmutable());
    }

    private static Operand ReadOperand(ref CborReader reader, OperandKind kind) => kind switch
    {
        OperandKind.NewValue or OperandKind.NewKey or OperandKind.Parent or OperandKind.Kek or OperandKind.Mac
            or OperandKind.Part or OperandKind.Material =>
                Operand.Of(kind, reader.UInt32(InstructionSet.SlotCount - 1)),
        OperandKind.Item or OperandKind.Size => Operand.Of(kind, [ReadItem(ref reader)]),
        OperandKind.Items or OperandKind.SecretItems => Operand.Of(kind, ReadItems(ref reader)),
        OperandKind.Kinds => ReadKinds(ref reader),
        OperandKind.Reason => ReadReason(ref reader),
        OperandKind.Label or OperandKind.PublicLabel or OperandKind.Input or OperandKind.Output
            or OperandKind.Prefix =>
            Operand.Of(kind, reader.Text(1, MaxText)),
        OperandKind.Root => Operand.Of(kind, (uint)reader.Positive((ulong)OemRoot.MasterShare)),
        OperandKind.Lifecycle => Operand.Of(kind, reader.UInt32(MaxLifecycle)),
        OperandKind.List => ReadList(ref reader),
        _ => Operand.Of(kind, reader.UInt32()),
    };

    private static Operand ReadReason(ref CborReader reader)
    {
        var name = reader.Text(1, MaxText);
        if (!Reasons.TryParse(name, out var reason))
        {
            reader.Refuse(Reason.Malformed, $"no reason is called {name}");
        }

        return Operand.Of(OperandKind.Reason, (uint)reason);
    }

    private static Operand ReadList(ref CborReader reader)
    {
        var code = Math.Min(reader.UInt(ulong.MaxValue), byte.MaxValue);
        if (!reader.Failed && (Fact)code is not (Fact.OrderLots or Fact.OrderPackages))
        {
            reader.Refuse(Reason.Malformed, $"no list has the code {code}");
        }

        return Operand.Of(OperandKind.List, (uint)code);
    }

    private static Operand ReadKinds(ref CborReader reader)
    {
        var items = ImmutableArray.CreateBuilder<Item>();
        var count = reader.Array(1, (int)AssetKind.Data);
        for (var i = 0; i < count; i++)
        {
            items.Add(Item.Constant((uint)reader.Positive((ulong)AssetKind.Data)));
        }

        reader.EndArray();
        return Operand.Of(OperandKind.Kinds, items.ToImmutable());
    }

    private static ImmutableArray<Item> ReadItems(ref CborReader reader)
    {
        var items = ImmutableArray.CreateBuilder<Item>();
        var count = reader.Array(0, MaxItems);
        for (var i = 0; i < count; i++)
        {
            items.Add(ReadItem(ref reader));
        }

        reader.EndArray();
        return items.ToImmutable();
    }

    private static Item ReadItem(ref CborReader reader)
    {
        if (reader.NextMajor == TextMajor)
        {
            return Item.Constant(reader.Text(0, MaxText));
        }

        var number = reader.Int();
        switch (number)
        {
            case < -1L - uint.MaxValue:
                reader.Refuse(Reason.TooLarge, $"the constant {-1 - number}");
                return Item.Constant(0);
            case < 0:
                return Item.Constant((uint)(-1 - number));
            case < InstructionSet.SlotCount:
                return Item.Value((uint)number);
            case >= FirstKey and < FirstKey + InstructionSet.SlotCount:
                return Item.Key((uint)number - FirstKey);
            case SharesCode:
                return Item.Shares;
            default:
                var fact = (Fact)Math.Min(number, byte.MaxValue);
                if (!Enum.IsDefined(fact))
                {
                    reader.Refuse(Reason.Malformed, $"no item has the code {number}");
                }

                return Item.Of(fact);
        }
    }

    private static void WriteOperand(CborWriter writer, Operand operand)
    {
        switch (operand.Kind)
        {
            case OperandKind.Item or OperandKind.Size:
                WriteItem(writer, operand.Item);
                break;
            case OperandKind.Items or OperandKind.SecretItems:
                writer.Array(operand.Items.Length);
                foreach (var item in operand.Items)
                {
                    WriteItem(writer, item);
                }

                break;
            case OperandKind.Kinds:
                writer.Array(operand.Items.Length);
                foreach (var item in operand.Items)
                {
                    writer.UInt(item.Number);
                }

                break;
            case OperandKind.Reason:
                writer.Text(Refusal.NameOf(operand.Reason));
                break;
            case OperandKind.Label or OperandKind.PublicLabel or OperandKind.Input or OperandKind.Output
                or OperandKind.Prefix:
                writer.Text(operand.Text);
                break;
            default:
                writer.UInt(operand.Number);
                break;
        }
    }

    private static void WriteItem(CborWriter writer, Item item) => _ = item.Kind switch
    {
        ItemKind.Text => writer.Text(item.Text),
        ItemKind.Number => writer.Int(-1L - item.Number),
        ItemKind.Key => writer.UInt(FirstKey + item.Number),
        ItemKind.Shares => writer.UInt(SharesCode),
        _ => writer.UInt(item.Number),
    };
}
