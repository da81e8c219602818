using System.Buffers.Binary;

namespace Keywright.Fuzz.Mutation;

/// <summary>Changes that need no idea of what the bytes mean.</summary>
internal static class ByteMutations
{
    private const int LongestRun = 64;
    private const int LongestGrowth = 4096;

    private static readonly byte[] Interesting =
    [
        0x00, 0x01, 0x0A, 0x0D, 0x17, 0x18, 0x1B, 0x1F, 0x20, 0x40, 0x5F, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xF6, 0xFE,
        0xFF,
    ];

    private static readonly ulong[] Numbers =
    [
        0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    public static byte[] Change(byte[] bytes, byte[] other, Dice dice) => dice.Below(12) switch
    {
        0 or 1 => FlipBit(bytes, dice),
        2 => SetByte(bytes, dice.Pick<byte>(Interesting), dice),
        3 => SetByte(bytes, (byte)dice.Next(), dice),
        4 => bytes[..dice.Below(bytes.Length + 1)],
        5 => Cut(bytes, dice),
        6 => Insert(bytes, Run(bytes, dice), dice),
        7 => Insert(bytes, dice.Bytes(1 + dice.Below(8)), dice),
        8 => [.. bytes, .. dice.Bytes(1 + dice.Below(dice.OneIn(4) ? LongestGrowth : 8))],
        9 => Splice(bytes, other, dice),
        10 => Overwrite(bytes, Run(other, dice), dice),
        _ => Overwrite(bytes, Number(dice), dice),
    };

    private static byte[] FlipBit(byte[] bytes, Dice dice)
    {
        var changed = (byte[])bytes.Clone();
        if (changed.Length > 0)
        {
            changed[dice.Below(changed.Length)] ^= (byte)(1 << dice.Below(8));
        }

        return changed;
    }

    private static byte[] SetByte(byte[] bytes, byte value, Dice dice)
    {
        var changed = (byte[])bytes.Clone();
        if (changed.Length > 0)
        {
            changed[dice.Below(changed.Length)] = value;
        }

        return changed;
    }

    private static byte[] Cut(byte[] bytes, Dice dice)
    {
        var from = dice.Below(bytes.Length + 1);
        var to = Math.Min(bytes.Length, from + 1 + dice.Below(LongestRun));
        return [.. bytes[..from], .. bytes[to..]];
    }

    private static byte[] Insert(byte[] bytes, byte[] run, Dice dice)
    {
        var at = dice.Below(bytes.Length + 1);
        return [.. bytes[..at], .. run, .. bytes[at..]];
    }

    private static byte[] Splice(byte[] bytes, byte[] other, Dice dice)
    {
        var at = dice.Below(bytes.Length + 1);
        var from = dice.OneIn(2) ? Math.Min(at, other.Length) : dice.Below(other.Length + 1);
        return [.. bytes[..at], .. other[from..]];
    }

    private static byte[] Overwrite(byte[] bytes, byte[] run, Dice dice)
    {
        var changed = (byte[])bytes.Clone();
        var at = dice.Below(changed.Length);
        run.AsSpan(0, Math.Min(run.Length, changed.Length - at)).CopyTo(changed.AsSpan(at));
        return changed;
    }

    private static byte[] Run(byte[] bytes, Dice dice)
    {
        var from = dice.Below(bytes.Length + 1);
        return bytes[from..Math.Min(bytes.Length, from + 1 + dice.Below(LongestRun))];
    }

    private static byte[] Number(Dice dice)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, dice.Pick<ulong>(Numbers));
        var number = bytes[^dice.Pick<int>([1, 2, 4, 8])..].ToArray();
        if (dice.OneIn(4))
        {
            Array.Reverse(number);
        }

        return number;
    }
}
