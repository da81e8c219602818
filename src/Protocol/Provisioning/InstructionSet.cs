using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Keywright.Protocol.Provisioning;

/// <summary>
/// The instruction set of the slot machine (docs/spec/provisioning.md §3): opcode, name and pattern. In a
/// pattern, names in capitals are operands; everything else stands in program text as it is and is not
/// encoded.
/// </summary>
public static class InstructionSet
{
    /// <summary>How many key slots and how many value slots there are.</summary>
    public const int SlotCount = 12;

    /// <summary>The most instructions in one command.</summary>
    public const int MaxInstructions = 128;

    /// <summary>The longest content of a key slot.</summary>
    public const int MaxKeySizeBytes = Asset.MaxKeySizeBytes;

    private static readonly (Opcode Opcode, string Pattern)[] Table =
    [
        (Opcode.Load, "NewValue = Item"),
        (Opcode.Field, "NewValue = Input Count of Count"),
        (Opcode.Hash, "NewValue = Items"),
        (Opcode.Digest, "NewValue = Input"),
        (Opcode.Random, "NewValue = Size"),
        (Opcode.Pack, "NewValue = Items"),
        (Opcode.Need, "Item = Item else Reason"),
        (Opcode.Member, "Item in List else Reason"),
        (Opcode.Owner, "Item else Reason"),
        (Opcode.Verify, "Input by Input else Reason"),
        (Opcode.Secret, "NewKey = Input Count to Count"),
        (Opcode.Fresh, "NewKey = Size"),
        (Opcode.Root, "NewKey = Root"),
        (Opcode.Extract, "NewKey = Label SecretItems"),
        (Opcode.Derive, "NewKey = Parent Label Items Size"),
        (Opcode.Public, "NewValue = Parent PublicLabel Items Size"),
        (Opcode.Wrap, "NewValue = Material under Kek"),
        (Opcode.Unwrap, "NewKey = Item under Kek else Reason"),
        (Opcode.Cmac, "NewValue = Item under Mac"),
        (Opcode.Plan, "Input"),
        (Opcode.Compose, "Item"),
        (Opcode.Header, "Input"),
        (Opcode.Pass, "NewValue else Reason"),
        (Opcode.Parts, "NewValue"),
        (Opcode.Each, "Kinds"),
        (Opcode.End, ""),
        (Opcode.Open, "NewKey under Part else Reason"),
        (Opcode.Store, "Prefix under Part else Reason"),
        (Opcode.Put, "Material"),
        (Opcode.Copy, "Input to Output under Part"),
        (Opcode.Fill, "Material to Output under Part"),
        (Opcode.Receipt, "NewValue = Item Item Lifecycle"),
        (Opcode.Commit, "Item owner Item Lifecycle"),
        (Opcode.Emit, "Output = Item"),
        (Opcode.Leaf, "Input in Input else Reason"),
        (Opcode.Hseal, "NewValue = Material to leaf Label Items"),
        (Opcode.Hopen, "NewKey = Item Label Items else Reason"),
    ];

    /// <summary>Every pattern, word by word, by opcode.</summary>
    public static FrozenDictionary<Opcode, ImmutableArray<PatternWord>> Patterns { get; } =
        Table.ToFrozenDictionary(row => row.Opcode, row => Parse(row.Pattern));

    /// <summary>The operand kinds of an opcode, in order.</summary>
    public static FrozenDictionary<Opcode, ImmutableArray<OperandKind>> Operands { get; } =
        Patterns.ToFrozenDictionary(
            row => row.Key,
            row => row.Value.Select(word => word.Operand).OfType<OperandKind>().ToImmutableArray());

    private static ImmutableArray<PatternWord> Parse(string pattern) =>
    [
        .. pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word =>
            Enum.TryParse<OperandKind>(word, out var kind)
                ? new PatternWord(word, kind)
                : new PatternWord(word, null)),
    ];
}

/// <summary>A word of a pattern: an operand, or a word that stands as it is.</summary>
public readonly record struct PatternWord(string Text, OperandKind? Operand);

/// <summary>The instructions. Their numbers are the wire; new ones are added at the end.</summary>
public enum Opcode
{
    /// <summary>Copies an item into a value.</summary>
    Load = 1,

    /// <summary>Reads one item of an input that is a flat CBOR array of exactly so many.</summary>
    Field,

    /// <summary>H of items as a CBOR array.</summary>
    Hash,

    /// <summary>H of a whole input, streamed.</summary>
    Digest,

    /// <summary>Random bytes that are public.</summary>
    Random,

    /// <summary>Items as a CBOR array.</summary>
    Pack,

    /// <summary>Refuses unless two items are the same.</summary>
    Need,

    /// <summary>Refuses unless an item stands in a list of the order.</summary>
    Member,

    /// <summary>Refuses when the chip belongs to another owner.</summary>
    Owner,

    /// <summary>Reads an order and verifies its signature under the key that lies beside it.</summary>
    Verify,

    /// <summary>Takes a secret input.</summary>
    Secret,

    /// <summary>Draws a random key.</summary>
    Fresh,

    /// <summary>Takes a root.</summary>
    Root,

    /// <summary>HMAC under a fixed string over items, secret ones among them.</summary>
    Extract,

    /// <summary>Derives a key.</summary>
    Derive,

    /// <summary>Derives bytes that may be shown.</summary>
    Public,

    /// <summary>AES-KWP.</summary>
    Wrap,

    /// <summary>Undoes AES-KWP, or refuses.</summary>
    Unwrap,

    /// <summary>AES-CMAC over an item's bytes.</summary>
    Cmac,

    /// <summary>Reads a plan for sealing.</summary>
    Plan,

    /// <summary>Writes the header over the plan, under a number that the machine draws over this item.</summary>
    Compose,

    /// <summary>Reads the header of the package that is this input.</summary>
    Header,

    /// <summary>Streams the whole package once; gives P.</summary>
    Pass,

    /// <summary>P of what was sealed.</summary>
    Parts,

    /// <summary>Begins the loop over all assets of these kinds.</summary>
    Each,

    /// <summary>Ends the loop.</summary>
    End,

    /// <summary>Opens the asset's part into a key slot.</summary>
    Open,

    /// <summary>Opens the asset's part into a flash object.</summary>
    Store,

    /// <summary>Puts a key slot into the key store, as the asset says.</summary>
    Put,

    /// <summary>Seals the asset's contents from an input.</summary>
    Copy,

    /// <summary>Seals a key slot as the asset's contents.</summary>
    Fill,

    /// <summary>Signs the receipt over the order's hash and the package's name.</summary>
    Receipt,

    /// <summary>
    /// Makes everything valid at once, together with the receipt, the owner and the lifecycle.
    /// </summary>
    Commit,

    /// <summary>Emits an item's bytes.</summary>
    Emit,

    /// <summary>Reads a chip of a list that the chip maker signed, proven to be in it.</summary>
    Leaf,

    /// <summary>Seals a key slot to that chip.</summary>
    Hseal,

    /// <summary>Opens into a key slot what a program sealed to this chip.</summary>
    Hopen,
}
