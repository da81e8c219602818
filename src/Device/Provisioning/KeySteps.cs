using System.Security.Cryptography;
using Keywright.Protocol;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Provisioning;

namespace Keywright.Device.Provisioning;

/// <summary>The instructions that make, derive and wrap keys (docs/spec/provisioning.md §3.2).</summary>
internal sealed class KeySteps(Slots slots, Facts facts, Inputs inputs, IEntropy entropy)
{
    public Refusal? Random(Instruction step)
    {
        var bytes = new byte[slots.Size(step[1])];
        entropy.Fill(bytes);
        slots.SetValue(step[0], PublicValue.Of(bytes));
        return null;
    }

    public Refusal? Secret(Instruction step)
    {
        var (min, max) = (step[2].Number, (int)Math.Min(step[3].Number, InstructionSet.MaxKeySizeBytes));
        if (inputs.Take(step[1].Text, max).Refused(out var bytes, out var why))
        {
            return why;
        }

        if (bytes.Length < min)
        {
            return new Refusal(Reason.Malformed,
                $"input {step[1].Text} has {bytes.Length} bytes, at least {min} are needed");
        }

        return Keep(step[0], bytes);
    }

    public Refusal? Fresh(Instruction step) => Make(step[0], slots.Size(step[1]), entropy.Fill);

    public Refusal? Root(Instruction step) =>
        Make(step[0], Facts.RootSize, destination => facts.DeriveRoot((OemRoot)step[1].Number, destination));

    public Refusal? Extract(Instruction step)
    {
        using var material = slots.Array(step[2]);
        return Make(
            step[0], Facts.RootSize, destination => Kdf.Extract(step[1].Text, material.Written, destination));
    }

    public Refusal? Derive(Instruction step)
    {
        using var context = slots.Array(step[3]);
        return Make(
            step[0],
            slots.Size(step[4]),
            destination => Kdf.Derive(slots.Key(step[1]), step[2].Text, context.Written, destination));
    }

    public Refusal? Public(Instruction step)
    {
        using var context = slots.Array(step[3]);
        var bytes = new byte[slots.Size(step[4])];
        Kdf.Derive(slots.Key(step[1]), step[2].Text, context.Written, bytes);
        slots.SetValue(step[0], PublicValue.Of(bytes));
        return null;
    }

    public Refusal? Wrap(Instruction step)
    {
        using var aes = KekOf(step[2]);
        slots.SetValue(step[0], PublicValue.Of(aes.EncryptKeyWrapPadded(slots.Key(step[1]))));
        return null;
    }

    public Refusal? Unwrap(Instruction step)
    {
        if (slots.Value(step[1]).Bytes is not { } wrapped || wrapped.Length < 16 || wrapped.Length % 8 != 0)
        {
            return new Refusal(step[3].Reason, "not a wrapped key");
        }

        using var aes = KekOf(step[2]);
        try
        {
            return Keep(step[0], aes.DecryptKeyWrapPadded(wrapped));
        }
        catch (CryptographicException)
        {
            return new Refusal(step[3].Reason, "wrapped under another key, or changed on the way");
        }
    }

    public Refusal? Cmac(Instruction step)
    {
        var tag = new byte[AesCmac.TagSize];
        AesCmac.Compute(slots.Key(step[2]), slots.Value(step[1]).Raw(), tag);
        slots.SetValue(step[0], PublicValue.Of(tag));
        return null;
    }

    private Aes KekOf(Operand kek)
    {
        var aes = Aes.Create();
        aes.SetKey(slots.Key(kek));
        return aes;
    }

    private Refusal? Make(Operand slot, int size, Filling fill)
    {
        Span<byte> bytes = stackalloc byte[InstructionSet.MaxKeySizeBytes];
        bytes = bytes[..size];
        fill(bytes);
        slots.SetKey(slot, bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return null;
    }

    private Refusal? Keep(Operand slot, byte[] bytes)
    {
        if (bytes.Length > InstructionSet.MaxKeySizeBytes)
        {
            return new Refusal(Reason.TooLarge, $"{bytes.Length} bytes do not fit a slot");
        }

        slots.SetKey(slot, bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return null;
    }

    private delegate void Filling(Span<byte> destination);
}
