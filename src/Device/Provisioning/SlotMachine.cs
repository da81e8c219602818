using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>
/// The slot machine (docs/spec/provisioning.md §3): runs one command of a program that was verified and
/// checked. Here are services only; labels, keys, checks, their reasons and their order are the program's.
/// Any refusal ends the run, and nothing has changed.
/// </summary>
internal sealed class SlotMachine : IDisposable
{
    private const int MaxFlatSize = 1024;

    private readonly ChipState chip;
    private readonly Inputs inputs;
    private readonly IChipHost host;
    private readonly Facts facts;
    private readonly Slots slots;
    private readonly KeySteps keys;
    private readonly LeafSteps leaf;
    private readonly PackageReader reader;
    private readonly PackageWriter writer;
    private readonly Installation installation;

    public SlotMachine(ChipState chip, Inputs inputs, IChipHost host, ProvisioningProgram program)
    {
        this.chip = chip;
        this.inputs = inputs;
        this.host = host;
        facts = new Facts(chip, program);
        slots = new Slots(facts);
        keys = new KeySteps(slots, facts, inputs, chip.Entropy);
        leaf = new LeafSteps(slots, facts, inputs, chip.Immutable, chip.Entropy, chip.Keys.Open);
        reader = new PackageReader(inputs, facts);
        writer = new PackageWriter(inputs, host, facts, chip.Entropy);
        installation = new Installation(chip, facts);
    }

    /// <summary>Runs the command to its end or to its first refusal.</summary>
    public Refusal? Run(ProgramCommand command) => RunFrom(command.Instructions.AsSpan());

    public void Dispose()
    {
        installation.Dispose();
        writer.Dispose();
        reader.Dispose();
        slots.Dispose();
    }

    private Refusal? RunFrom(ReadOnlySpan<Instruction> instructions)
    {
        for (var i = 0; i < instructions.Length; i++)
        {
            if (instructions[i].Opcode == Opcode.Each)
            {
                var body = BodyAt(instructions[i..]);
                if (RunEach(instructions[i][0], body) is { } refused)
                {
                    return refused;
                }

                i += body.Length + 1;
            }
            else if (Step(instructions[i]) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    private Refusal? RunEach(Operand kinds, ReadOnlySpan<Instruction> body)
    {
        for (var i = 0; i < facts.Header!.Assets.Count; i++)
        {
            if (kinds.Items.Contains(Item.Constant((uint)facts.Header.Assets[i].Kind)))
            {
                facts.AssetNumber = i;
                if (RunFrom(body) is { } refused)
                {
                    return refused;
                }
            }
        }

        return null;
    }

    private Refusal? Step(Instruction step) => step.Opcode switch
    {
        Opcode.Load => Set(step[0], slots.Value(step[1])),
        Opcode.Field => Field(step),
        Opcode.Hash => Set(step[0], PublicValue.Of(Digest.Of(Packed(step[1])))),
        Opcode.Digest => inputs.Hash(step[1].Text).Refused(out var digest, out var why)
            ? why
            : Set(step[0], PublicValue.Of(digest)),
        Opcode.Random => keys.Random(step),
        Opcode.Pack => Set(step[0], PublicValue.Of(Packed(step[1]))),
        Opcode.Need => slots.Value(step[0]).IsSame(slots.Value(step[1]))
            ? null
            : new Refusal(step[2].Reason, Differences.Between(step[0].Item, step[1].Item, facts)),
        Opcode.Member => Member(step),
        Opcode.Owner => Owner(step),
        Opcode.Verify => Verify(step),
        Opcode.Secret => keys.Secret(step),
        Opcode.Fresh => keys.Fresh(step),
        Opcode.Root => keys.Root(step),
        Opcode.Extract => keys.Extract(step),
        Opcode.Derive => keys.Derive(step),
        Opcode.Public => keys.Public(step),
        Opcode.Wrap => keys.Wrap(step),
        Opcode.Unwrap => keys.Unwrap(step),
        Opcode.Cmac => keys.Cmac(step),
        Opcode.Plan => Plan(step),
        Opcode.Compose => Compose(step),
        Opcode.Header => reader.ReadHeader(step[0].Text),
        Opcode.Pass => reader.Pass(step[1].Reason).Refused(out var p, out var damaged)
            ? damaged
            : Set(step[0], PublicValue.Of(p)),
        Opcode.Parts =>
            writer.Parts().Refused(out var p, out var unread) ? unread : Set(step[0], PublicValue.Of(p)),
        Opcode.Open => Open(step),
        Opcode.Store => Store(step),
        Opcode.Put => installation.Put(slots.Key(step[0])),
        Opcode.Copy => writer.Copy(step[0].Text, step[1].Text, slots.Key(step[2])),
        Opcode.Fill => writer.Fill(slots.Key(step[0]), step[1].Text, slots.Key(step[2])),
        Opcode.Receipt => Receipt(step),
        Opcode.Commit =>
            installation.Commit(slots.Value(step[0]), slots.Value(step[1]), (Lifecycle)step[2].Number),
        Opcode.Emit => Emit(step),
        Opcode.Leaf => leaf.Read(step),
        Opcode.Hseal => leaf.Seal(step),
        Opcode.Hopen => leaf.Open(step),
        _ => throw new InvalidOperationException($"The checker lets no {step.Opcode} stand here."),
    };

    private static ReadOnlySpan<Instruction> BodyAt(ReadOnlySpan<Instruction> each)
    {
        var length = 0;
        while (each[length + 1].Opcode != Opcode.End)
        {
            length++;
        }

        return each.Slice(1, length);
    }

    private Refusal? Set(Operand slot, PublicValue value)
    {
        slots.SetValue(slot, value);
        return null;
    }

    private byte[] Packed(Operand items)
    {
        using var array = slots.Array(items);
        return array.ToArray();
    }

    private Refusal? Member(Instruction step)
    {
        var value = slots.Value(step[0]);
        var list = (Fact)step[1].Number;
        return facts.List(list).Any(value.IsSame)
            ? null
            : new Refusal(step[2].Reason, Differences.Outside(step[0].Item, list, facts));
    }

    private Refusal? Owner(Instruction step)
    {
        var owner = chip.Monotonic.Owner ?? chip.Immutable.LockedToOem;
        return owner is null || owner == slots.Value(step[0]).Digest
            ? null
            : new Refusal(step[1].Reason, "the chip belongs to another owner");
    }

    private Refusal? Verify(Instruction step)
    {
        if (inputs.Take(step[0].Text, Order.Type.MaxSizeBytes).Refused(out var bytes, out var why)
            || Message.Parse<Order>(bytes).Refused(out var order, out why)
            || inputs.Take(step[1].Text, PublicKey.Size).Refused(out var keyBytes, out why)
            || PublicKey.Parse(keyBytes).Refused(out var key, out why))
        {
            return why;
        }

        if (order.VerifySignature(key).Refused(out var verified, out var forged))
        {
            return new Refusal(step[2].Reason, forged.Detail);
        }

        facts.Order = verified.Content;
        facts.OrderHash = verified.Digest;
        facts.OrderKey = key.Id;
        return null;
    }

    private Refusal? Plan(Instruction step)
    {
        if (inputs.Take(step[0].Text, SealPlan.MaxSizeBytes).Refused(out var bytes, out var why)
            || SealPlan.Parse(bytes).Refused(out var plan, out why))
        {
            return why;
        }

        facts.Plan = plan;
        facts.PlanHash = Digest.Of(bytes);
        return null;
    }

    private Refusal? Compose(Instruction step)
    {
        writer.Compose(slots.Value(step[0]));
        return null;
    }

    private Refusal? Field(Instruction step)
    {
        if (inputs.Take(step[1].Text, MaxFlatSize).Refused(out var bytes, out var missing))
        {
            return missing;
        }

        if (step[2].Number >= step[3].Number)
        {
            return new Refusal(Reason.Malformed, $"item {step[2].Number} of {step[3].Number}");
        }

        var count = (int)step[3].Number;
        var cbor = new CborReader(bytes);
        cbor.Array(count, count);
        for (var i = 0; i < count; i++)
        {
            var value = ReadField(ref cbor);
            if (i == step[2].Number)
            {
                slots.SetValue(step[0], value);
            }
        }

        cbor.EndArray();
        return cbor.Finish();
    }

    private static PublicValue ReadField(ref CborReader cbor) => cbor.NextMajor switch
    {
        0 => PublicValue.Of(cbor.UInt(ulong.MaxValue)),
        2 => PublicValue.Of(cbor.Bytes().ToArray()),
        _ => PublicValue.Of(cbor.Text()),
    };

    private Refusal? Open(Instruction step)
    {
        var clear = GC.AllocateUninitializedArray<byte>((int)facts.Asset.SizeBytes, pinned: true);
        var offset = 0;
        var refusal = reader.Open(slots.Key(step[1]), step[2].Reason, block =>
        {
            block.CopyTo(clear.AsSpan(offset));
            offset += block.Length;
        });
        if (refusal is null)
        {
            slots.SetKey(step[0], clear);
        }

        System.Security.Cryptography.CryptographicOperations.ZeroMemory(clear);
        return refusal;
    }

    private Refusal? Store(Instruction step) =>
        installation.Create(step[0].Text) ?? reader.Open(
            slots.Key(step[1]), step[2].Reason, installation.Append);

    private Refusal? Receipt(Instruction step)
    {
        if (slots.Value(step[1]).Digest is not { } order || slots.Value(step[2]).Digest is not { } package)
        {
            return new Refusal(Reason.Malformed, "a receipt is over two digests");
        }

        var receipt = installation.Receipt(order, package, step[3].Number);
        return Set(step[0], PublicValue.Of(receipt));
    }

    private Refusal? Emit(Instruction step)
    {
        host.Emit(step[0].Text, slots.Value(step[1]).Raw());
        return null;
    }
}
