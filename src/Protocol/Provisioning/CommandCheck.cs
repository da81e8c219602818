namespace Keywright.Protocol.Provisioning;

/// <summary>
/// The checker's walk over one command: there are no branches, so one pass in order sees all that can happen.
/// A loop body may run many times or never, so it writes only slots of its own, and nothing after it reads
/// them.
/// </summary>
internal sealed class CommandCheck(Dictionary<string, OperandKind> purposeOfLabel)
{
    private const uint AesKeySize = 32;

    private readonly SlotCheck keys = new();
    private readonly SlotCheck values = new();
    private readonly OrderCheck order = new();
    private readonly OperandKind?[] purposes = new OperandKind?[InstructionSet.SlotCount];
    private readonly List<(string Label, uint Slot)> labels = [];
    private readonly HashSet<uint> partKeys = [];
    private readonly HashSet<uint> opened = [];
    private readonly HashSet<uint> named = [];
    private readonly HashSet<uint> ofThisChip = [];
    private readonly HashSet<string> inputs = [];
    private readonly HashSet<string> secretInputs = [];

    /// <summary>The rule that this next instruction breaks; null when none.</summary>
    public string? Fault(Instruction instruction)
    {
        if (order.Fault(instruction) is { } outOfOrder)
        {
            return outOfOrder;
        }

        foreach (var operand in instruction.Operands)
        {
            if (FaultOfRead(operand) is { } fault)
            {
                return fault;
            }
        }

        if ((FaultOfInputs(instruction) ?? FaultOfUse(instruction)) is { } misuse)
        {
            return misuse;
        }

        foreach (var operand in instruction.Operands)
        {
            if (FaultOfWrite(instruction, operand) is { } fault)
            {
                return fault;
            }
        }

        Loop(instruction.Opcode);
        order.Note(instruction);
        return null;
    }

    /// <summary>The rule that only the whole command breaks.</summary>
    public string? FaultAtEnd()
    {
        if (order.FaultAtEnd() is { } unfinished)
        {
            return unfinished;
        }

        foreach (var (label, slot) in labels)
        {
            if (purposes[slot] is not { } purpose)
            {
                continue;
            }

            if (purposeOfLabel.TryGetValue(label, out var other) && other != purpose)
            {
                return $"the label \"{label}\" makes keys for {other} and for {purpose}";
            }

            purposeOfLabel[label] = purpose;
        }

        return null;
    }

    private string? FaultOfRead(Operand operand)
    {
        switch (operand.Kind)
        {
            case OperandKind.Parent or OperandKind.Kek or OperandKind.Mac or OperandKind.Part
                or OperandKind.Material:
                return FaultOfKey(operand.Number, operand.Kind);
            case OperandKind.Item or OperandKind.Items or OperandKind.Size or OperandKind.SecretItems:
                foreach (var item in operand.Items)
                {
                    if (FaultOfItem(item, operand.Kind) is { } fault)
                    {
                        return fault;
                    }
                }

                return null;
            case OperandKind.List:
                return (Fact)operand.Number is Fact.OrderLots or Fact.OrderPackages
                    ? order.FaultOfFact((Fact)operand.Number)
                    : "there is no such list";
            default:
                return null;
        }
    }

    private string? FaultOfItem(Item item, OperandKind place) => item.Kind switch
    {
        _ when place == OperandKind.Size && item.Kind is not (ItemKind.Number or ItemKind.Fact) =>
            "a size is a number",
        ItemKind.Number when place == OperandKind.Size
            && item.Number is 0 or > InstructionSet.MaxKeySizeBytes =>
            $"a slot holds 1 to {InstructionSet.MaxKeySizeBytes} bytes",
        ItemKind.Value => values.Has(item.Number) ? null : $"v{item.Number} is read before it is written",
        ItemKind.Fact when item.Fact is Fact.OrderLots or Fact.OrderPackages => "a list is not an item",
        ItemKind.Fact when place == OperandKind.Size => order.FaultOfSize(item.Fact),
        ItemKind.Fact => order.FaultOfFact(item.Fact),
        ItemKind.Key or ItemKind.Shares when place != OperandKind.SecretItems =>
            "a secret stands where public items belong",
        ItemKind.Key => FaultOfKey(item.Number, OperandKind.Material),
        _ => null,
    };

    private string? FaultOfKey(uint slot, OperandKind purpose)
    {
        if (!keys.Has(slot))
        {
            return $"k{slot} is read before it is written";
        }

        if (purposes[slot] is { } other && other != purpose)
        {
            return $"k{slot} serves {other} and cannot serve {purpose}";
        }

        purposes[slot] = purpose;
        return null;
    }

    private string? FaultOfInputs(Instruction instruction)
    {
        var isSecret = instruction.Opcode == Opcode.Secret;
        var named = instruction.Operands
            .Where(operand => operand.Kind == OperandKind.Input)
            .Select(operand => operand.Text)
            .ToArray();
        var shared = named.FirstOrDefault(isSecret ? inputs.Contains : secretInputs.Contains);
        inputs.UnionWith(named);
        if (isSecret)
        {
            secretInputs.UnionWith(named);
        }

        return shared is null ? null : $"the input \"{shared}\" is a secret and is named twice";
    }

    private string? FaultOfUse(Instruction instruction)
    {
        foreach (var operand in instruction.Operands)
        {
            switch (operand.Kind)
            {
                case OperandKind.Kek or OperandKind.Part or OperandKind.Mac
                    when !keys.IsRooted(operand.Number):
                    return $"k{operand.Number} is not rooted in the chip";
                case OperandKind.Kek or OperandKind.Part or OperandKind.Mac when keys.IsRoot(operand.Number):
                    return $"k{operand.Number} is a root: keys are derived from it, and nothing else";
                case OperandKind.Kek or OperandKind.Mac when keys.SizeOf(operand.Number) != AesKeySize:
                    return $"k{operand.Number} is no AES key of {AesKeySize} bytes";
                case OperandKind.Material when keys.IsRoot(operand.Number):
                    return $"k{operand.Number} is a root and leaves in no form";
                case OperandKind.Part when !partKeys.Contains(operand.Number):
                    return $"k{operand.Number} was not derived in this loop from header.hash, number and keysize";
                case OperandKind.Material
                    when instruction.Opcode == Opcode.Hseal && !named.Contains(operand.Number):
                    return $"k{operand.Number} was not derived under a label that begins \"{NamedPrefix}\"";
                case OperandKind.Material
                    when instruction.Opcode is Opcode.Wrap or Opcode.Fill or Opcode.Hseal
                        && ofThisChip.Contains(operand.Number):
                    return $"k{operand.Number} comes of what was sealed to this chip, and stays in it";
                case OperandKind.Material
                    when instruction.Opcode == Opcode.Put && order.LoopHasOwners
                        && !opened.Contains(operand.Number):
                    return $"k{operand.Number} was not opened in this loop, as an owner's key is";
                case OperandKind.Label when IsPublic(operand.Text):
                    return $"the label \"{operand.Text}\" is one for public values";
                case OperandKind.PublicLabel when !IsPublic(operand.Text):
                    return $"a public value needs a label that begins \"{PublicPrefix}\"";
                case OperandKind.Prefix
                    when operand.Text.Length > ShortText.MaxLength || !operand.Text.EndsWith('/'):
                    return $"the prefix \"{operand.Text}\" does not end with / or is too long";
                default:
                    break;
            }
        }

        return null;
    }

    private string? FaultOfWrite(Instruction instruction, Operand operand)
    {
        switch (operand.Kind)
        {
            case OperandKind.NewValue:
                return values.Write(operand.Number, rooted: false) ? null : Rewritten('v', operand.Number);
            case OperandKind.NewKey
                when !keys.Write(
                    operand.Number,
                    IsRooted(instruction),
                    instruction.Opcode == Opcode.Root,
                    SizeOf(instruction)):
                return Rewritten('k', operand.Number);
            case OperandKind.NewKey:
                Derived(instruction, operand.Number);
                return null;
            default:
                return null;
        }
    }

    private void Derived(Instruction instruction, uint slot)
    {
        Note(ofThisChip, slot, ComesOfThisChip(instruction));
        Note(opened, slot, instruction.Opcode == Opcode.Open);
        Note(partKeys, slot, IsPartKey(instruction));
        var label = instruction.Operands.FirstOrDefault(operand => operand.Kind == OperandKind.Label).Text;
        Note(named, slot, instruction.Opcode == Opcode.Derive && IsNamed(label));
        if (label is not null)
        {
            labels.Add((label, slot));
        }
    }

    private static void Note(HashSet<uint> slots, uint slot, bool isIn)
    {
        slots.Remove(slot);
        if (isIn)
        {
            slots.Add(slot);
        }
    }

    private bool IsPartKey(Instruction instruction) =>
        instruction.Opcode == Opcode.Derive && order.InLoop
        && instruction[3].Items is [var header, var number, ..]
        && header == Item.Of(Fact.HeaderHash) && number == Item.Of(Fact.AssetNumber)
        && IsPartKeySize(instruction[4].Item);

    private bool ComesOfThisChip(Instruction instruction) => instruction.Opcode switch
    {
        Opcode.Hopen => true,
        Opcode.Derive => ofThisChip.Contains(instruction[1].Number),
        Opcode.Extract => instruction[2].Items.Any(
            item => item.Kind == ItemKind.Key && ofThisChip.Contains(item.Number)),
        _ => false,
    };

    private bool IsRooted(Instruction instruction) => instruction.Opcode switch
    {
        Opcode.Root => true,
        Opcode.Fresh => IsFullSize(instruction[1].Item),
        Opcode.Derive => IsFullSize(instruction[4].Item) && keys.IsRooted(instruction[1].Number),
        Opcode.Extract => instruction[2].Items.Any(item =>
            item.Kind == ItemKind.Shares || (item.Kind == ItemKind.Key && keys.IsRooted(item.Number))),
        _ => false,
    };

    /// <summary>Nobody tries all keys of this size; whatever comes of a shorter one can be tried out.</summary>
    private static bool IsFullSize(Item size) =>
        IsPartKeySize(size) || (size.Kind == ItemKind.Number && size.Number >= AesKeySize);

    private static bool IsPartKeySize(Item size) => size == Item.Of(Fact.HeaderKeysize);

    /// <summary>Bytes in the slot that it writes; 0 where only the run will tell.</summary>
    private static uint SizeOf(Instruction instruction) => instruction.Opcode switch
    {
        Opcode.Extract or Opcode.Root => AesKeySize,
        Opcode.Fresh when instruction[1].Item.Kind == ItemKind.Number => instruction[1].Item.Number,
        Opcode.Derive when instruction[4].Item.Kind == ItemKind.Number => instruction[4].Item.Number,
        _ => 0,
    };

    private void Loop(Opcode opcode)
    {
        if (opcode is Opcode.Each)
        {
            keys.EnterLoop();
            values.EnterLoop();
        }
        else if (opcode is Opcode.End)
        {
            keys.LeaveLoop();
            values.LeaveLoop();
            partKeys.Clear();
            opened.Clear();
        }
    }

    private const string PublicPrefix = "public ";
    private const string NamedPrefix = "named ";

    private static bool IsPublic(string label) => label.StartsWith(PublicPrefix, StringComparison.Ordinal);

    private static bool IsNamed(string label) => label.StartsWith(NamedPrefix, StringComparison.Ordinal);

    private static string Rewritten(char bank, uint slot) => $"{bank}{slot} was written before the loop";
}

/// <summary>What is known about the slots of one bank.</summary>
internal sealed class SlotCheck
{
    private readonly State[] slots = new State[InstructionSet.SlotCount];
    private readonly uint[] sizes = new uint[InstructionSet.SlotCount];
    private readonly bool[] ofLoop = new bool[InstructionSet.SlotCount];
    private bool inLoop;

    private enum State
    {
        Empty,
        Unrooted,
        Rooted,
        Root,
    }

    public bool Has(uint slot) => slots[slot] != State.Empty;

    public bool IsRooted(uint slot) => slots[slot] >= State.Rooted;

    public bool IsRoot(uint slot) => slots[slot] == State.Root;

    public uint SizeOf(uint slot) => sizes[slot];

    /// <summary>False when the slot was written before the loop that is being read.</summary>
    public bool Write(uint slot, bool rooted, bool root = false, uint sizeBytes = 0)
    {
        if (inLoop && Has(slot) && !ofLoop[slot])
        {
            return false;
        }

        ofLoop[slot] = inLoop;
        sizes[slot] = sizeBytes;
        slots[slot] = root ? State.Root : rooted ? State.Rooted : State.Unrooted;
        return true;
    }

    public void EnterLoop() => inLoop = true;

    public void LeaveLoop()
    {
        inLoop = false;
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = ofLoop[i] ? State.Empty : slots[i];
            ofLoop[i] = false;
        }
    }
}
