using System.Security.Cryptography;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;
using Keywright.Protocol.Sealing;

namespace Keywright.Device.Provisioning;

/// <summary>Opens what was sealed to this chip's kem key; the key stays where it is.</summary>
internal delegate Outcome<byte[]> OpenSealed(
    ReadOnlySpan<byte> message, ReadOnlySpan<byte> extraInfo, int maxSizeBytes);

/// <summary>
/// The instructions that seal to one chip of a list, and open what was sealed to this one
/// (docs/spec/provisioning.md §3.5). What binds a sealing to its place is put together here, so that a program
/// opens nothing but what a program of its epoch has sealed.
/// </summary>
internal sealed class LeafSteps(
    Slots slots, Facts facts, Inputs inputs, ImmutableMemory chip, IEntropy entropy, OpenSealed open)
{
    public Refusal? Read(Instruction step)
    {
        if (inputs.Take(step[1].Text, ChipList.Type.MaxSizeBytes).Refused(out var list, out var why)
            || Message.Parse<ChipList>(list).Refused(out var parsed, out why)
            || parsed.VerifySignature(chip.ChipMaker).Refused(out var verified, out why))
        {
            return why;
        }

        if (verified.Content.Family != chip.Family)
        {
            return new Refusal(Reason.WrongFamily, $"a list of {verified.Content.Family}");
        }

        if (inputs.Take(step[0].Text, ListedChip.MaxSizeBytes).Refused(out var bytes, out why)
            || ListedChip.Parse(bytes).Refused(out var listed, out why))
        {
            return why;
        }

        facts.Leaf = listed.Leaf;
        return listed.FaultIn(verified.Content) is { } unproven
            ? new Refusal(step[2].Reason, unproven.Detail)
            : null;
    }

    public Refusal? Seal(Instruction step)
    {
        var sealedToLeaf = HpkeSealer.Seal(
            slots.Key(step[1]), ExtraInfo(step[2].Text, step[3]), [facts.Leaf!.Kem], entropy);
        slots.SetValue(step[0], PublicValue.Of(sealedToLeaf));
        return null;
    }

    public Refusal? Open(Instruction step)
    {
        var sealedToThisChip = slots.Value(step[1]).Bytes;
        var info = ExtraInfo(step[2].Text, step[3]);
        if (open(sealedToThisChip, info, InstructionSet.MaxKeySizeBytes).Refused(out var content, out var why))
        {
            return new Refusal(step[4].Reason, why.Detail);
        }

        if (content.Length == 0)
        {
            return new Refusal(step[4].Reason, "nothing is sealed in it");
        }

        slots.SetKey(step[0], content);
        CryptographicOperations.ZeroMemory(content);
        return null;
    }

    /// <summary>["provisioning", epoch of the program, label, items…]</summary>
    private byte[] ExtraInfo(string label, Operand items)
    {
        using var writer = new CborWriter(128);
        writer.Array(3 + items.Items.Length).Text("provisioning").UInt(facts.Program.Epoch).Text(label);
        foreach (var item in items.Items)
        {
            slots.Value(item).Write(writer);
        }

        return writer.ToArray();
    }
}
