using System.Collections.Immutable;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// One step of a program: an opcode and its operands, in the order of its pattern in <see
/// cref="InstructionSet"/>.
/// </summary>
public sealed record Instruction(Opcode Opcode, ImmutableArray<Operand> Operands)
{
    /// <summary>The operand at this place.</summary>
    public Operand this[int index] => Operands[index];
}

/// <summary>
/// An operand: a number (slot, size, reason, root, lifecycle, list), a text (label, stream name, prefix), or
/// items. Which of them counts is fixed by its kind.
/// </summary>
public readonly record struct Operand(OperandKind Kind, uint Number, string Text, ImmutableArray<Item> Items)
{
    public static Operand Of(OperandKind kind, uint number) => new(kind, number, string.Empty, []);

    public static Operand Of(OperandKind kind, string text) => new(kind, 0, text, []);

    public static Operand Of(OperandKind kind, ImmutableArray<Item> items) =>
        new(kind, 0, string.Empty, items);

    /// <summary>The only item.</summary>
    public Item Item => Items[0];

    /// <summary>The number as a reason.</summary>
    public Reason Reason => (Reason)Number;
}

/// <summary>What an operand means to the checker and to the machine.</summary>
public enum OperandKind
{
    /// <summary>A value slot that is written.</summary>
    NewValue,

    /// <summary>A key slot that is written.</summary>
    NewKey,

    /// <summary>A key slot read as the parent of derivations.</summary>
    Parent,

    /// <summary>A key slot read as a key-encryption key.</summary>
    Kek,

    /// <summary>A key slot read as a CMAC key.</summary>
    Mac,

    /// <summary>A key slot read as the key of a part.</summary>
    Part,

    /// <summary>A key slot read as bytes: to extract from, to wrap, to seal, to store.</summary>
    Material,

    /// <summary>One public item.</summary>
    Item,

    /// <summary>Public items, encoded as one CBOR array.</summary>
    Items,

    /// <summary>Items among which key slots and the chip's shares may stand.</summary>
    SecretItems,

    /// <summary>A number, or a fact that is one.</summary>
    Size,

    /// <summary>A small number.</summary>
    Count,

    /// <summary>The label of a derivation or extraction.</summary>
    Label,

    /// <summary>The label of a public derivation.</summary>
    PublicLabel,

    /// <summary>The name of an input.</summary>
    Input,

    /// <summary>The name of an output.</summary>
    Output,

    /// <summary>The front of a flash object's name.</summary>
    Prefix,

    /// <summary>Why the program refuses here.</summary>
    Reason,

    /// <summary>One of the chip's two OEM roots.</summary>
    Root,

    /// <summary>A list in the order.</summary>
    List,

    /// <summary>Kinds of assets.</summary>
    Kinds,

    /// <summary>A lifecycle.</summary>
    Lifecycle,
}

/// <summary>A public constant, a slot, or a fact that the machine knows.</summary>
public readonly record struct Item(ItemKind Kind, uint Number, string Text)
{
    public static Item Value(uint slot) => new(ItemKind.Value, slot, string.Empty);

    public static Item Key(uint slot) => new(ItemKind.Key, slot, string.Empty);

    public static Item Of(Fact fact) => new(ItemKind.Fact, (uint)fact, string.Empty);

    public static Item Constant(string text) => new(ItemKind.Text, 0, text);

    public static Item Constant(uint number) => new(ItemKind.Number, number, string.Empty);

    /// <summary>All shares of the chip, as the program's epoch sees them, one after the other.</summary>
    public static Item Shares => new(ItemKind.Shares, 0, string.Empty);

    /// <summary>The number as a fact.</summary>
    public Fact Fact => (Fact)Number;
}

/// <summary>What an item is.</summary>
public enum ItemKind
{
    Value,
    Key,
    Shares,
    Fact,
    Text,
    Number,
}

/// <summary>The roots that the chip maker gave every chip of the family for the OEM's use.</summary>
public enum OemRoot
{
    /// <summary>KDF(K_OEM_SHARE, "epoch", [epoch of the program]).</summary>
    Share = 1,

    /// <summary>K_OEM_MASTER_SHARE.</summary>
    MasterShare = 2,
}

/// <summary>
/// Public facts that a program may name. Each group is there once the instruction that brings it has run.
/// </summary>
public enum Fact
{
    ChipId = 32,
    ChipFamily,
    ChipLot,
    ChipLifecycle,
    ChipShares,
    ChipCounter,

    ProgramFamily = 40,
    ProgramEpoch,
    ProgramVersion,

    PlanHash = 48,
    PlanOem,
    PlanMode,

    HeaderHash = 56,
    HeaderFramed,
    HeaderOem,
    HeaderFamily,
    HeaderMode,
    HeaderEpoch,
    HeaderPackage,
    HeaderKeysize,

    OrderHash = 72,
    OrderKey,
    OrderFamily,
    OrderMode,
    OrderLots,
    OrderPackages,

    AssetNumber = 88,
    AssetRef,
    AssetKind,
    AssetSize,

    PackageTag = 96,

    LeafChip = 104,
}
