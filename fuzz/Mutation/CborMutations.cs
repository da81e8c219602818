using System.Text;

namespace Keywright.Fuzz.Mutation;

/// <summary>
/// Changes that leave most of a message well formed, so that what is judged after the form is reached: heads,
/// widths, counts, order and number of items, also inside byte strings that hold an item.
/// </summary>
internal static class CborMutations
{
    private const int MostCopies = 300;
    private const int DeepestNest = 20;

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 3, 4, 5, 7, 8, 16, 23, 24, 31, 32, 63, 64, 99, 100, 255, 256, 1023, 1024, 4096, 16384, 65535, 65536,
        1 << 20, 1 << 24, (1 << 26) + 1, int.MaxValue, 1UL << 31, uint.MaxValue - 1, uint.MaxValue, 1UL << 32,
        long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    private static readonly byte[][] Texts =
    [
        [], [0], [0x7F], [.. " "u8], [.. "a\nb"u8], [.. "é"u8], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [.. "​"u8], [.. "2"u8], [.. "rollback"u8],
    ];

    private static readonly byte[][] Oddities =
    [
        [0x9F, 0xFF], [0xBF, 0xFF], [0x5F, 0x41, 0x00, 0xFF], [0x7F, 0x61, 0x61, 0xFF], [0x1C], [0x5D], [0xFF],
        [0xF6], [0xF7], [0xF4], [0xF5], [0xF8, 0x14], [0xF8, 0xFF], [0xF9, 0x00, 0x00], [0xFA, 0, 0, 0, 0],
        [0xFB, 0, 0, 0, 0, 0, 0, 0, 0], [0xC2, 0x41, 0x01], [0xD8, 0x18, 0x41, 0x00], [],
    ];

    /// <summary>Changes one place of a tree; <paramref name="donor"/> lends items.</summary>
    public static void Change(CborNode tree, CborNode donor, Dice dice)
    {
        var all = new List<(CborNode Node, CborNode? Holder)>();
        tree.Collect(all);
        var (node, holder) = dice.Pick(all);
        if (holder is null || dice.OneIn(2))
        {
            ChangeItem(node, dice);
        }
        else
        {
            ChangeList(node, holder, Lent(donor, dice), dice);
        }
    }

    private static void ChangeItem(CborNode node, Dice dice)
    {
        switch (dice.Below(20))
        {
            case 0:
                node.Width = dice.Pick<int>([1, 2, 4, 8]);
                break;
            case 1:
                node.Major = dice.Below(8);
                break;
            case 2:
                node.Lie = dice.Pick<ulong>([1, 2, ulong.MaxValue, ulong.MaxValue - 1]);
                break;
            case 3:
                node.Lie = dice.Pick<ulong>(Numbers);
                break;
            case 4:
                node.Raw = dice.Pick<byte[]>(Oddities);
                break;
            case 5:
                Nest(node, dice);
                break;
            default:
                ChangeValue(node, dice);
                break;
        }
    }

    private static void ChangeValue(CborNode node, Dice dice)
    {
        switch (node.Major)
        {
            case CborNode.Bytes or CborNode.Text:
                node.Items.Clear();
                node.Content = node.Major == CborNode.Text && dice.OneIn(3)
                    ? dice.Pick<byte[]>(Texts)
                    : ChangeContent(node.Content, dice);
                break;
            case CborNode.Array or CborNode.Map when node.Items.Count > 0:
                Copy(node.Items, dice);
                break;
            case CborNode.Simple:
                node.Value = dice.Pick<ulong>([20, 21, 22, 23, 0]);
                break;
            default:
                node.Value = dice.Below(4) switch
                {
                    0 => node.Value + 1,
                    1 => node.Value - 1,
                    2 => (ulong)dice.Below(24),
                    _ => dice.Pick<ulong>(Numbers),
                };
                node.Major = dice.OneIn(12) ? node.Major ^ 1 : node.Major;
                break;
        }
    }

    private static byte[] ChangeContent(byte[] content, Dice dice) => dice.Below(7) switch
    {
        0 => dice.Bytes(content.Length),
        1 => new byte[content.Length],
        2 => dice.Bytes(dice.Below(2 * (content.Length + 1))),
        3 => content[..dice.Below(content.Length + 1)],
        4 => [.. content, .. dice.Bytes(dice.Few(8))],
        5 => Encoding.ASCII.GetBytes(new string((char)dice.Pick<byte>([.. "a~ 0"u8]), dice.Below(70))),
        _ => ByteMutations.Change(content, content, dice),
    };

    private static void ChangeList(CborNode node, CborNode holder, CborNode lent, Dice dice)
    {
        var items = holder.Items;
        var at = items.IndexOf(node);
        var pairs = holder.Major == CborNode.Map && items.Count % 2 == 0 && !dice.OneIn(5);
        var (from, count) = pairs ? (at / 2 * 2, 2) : (at, 1);
        switch (dice.Below(5))
        {
            case 0:
                items.RemoveRange(from, count);
                break;
            case 1:
                items.InsertRange(from, items.GetRange(from, count).Select(item => item.Clone()).ToList());
                break;
            case 2:
                var moved = items.GetRange(from, count);
                items.RemoveRange(from, count);
                items.InsertRange(dice.Below((items.Count / count) + 1) * count, moved);
                break;
            case 3:
                items[at] = lent;
                break;
            default:
                items.InsertRange(from, pairs ? [Key(items, dice), lent] : [lent]);
                break;
        }
    }

    /// <summary>A key that the map may lack, or has.</summary>
    private static CborNode Key(List<CborNode> items, Dice dice) => dice.OneIn(2)
        ? items[dice.Below(items.Count / 2) * 2].Clone()
        : new CborNode
        {
            Major = dice.OneIn(6) ? CborNode.Negative : CborNode.Unsigned,
            Value = (ulong)dice.Below(26),
        };

    private static void Copy(List<CborNode> items, Dice dice)
    {
        var last = items[^dice.Few(Math.Min(4, items.Count))..];
        for (var count = dice.OneIn(8) ? dice.Below(MostCopies) : dice.Few(20); count > 0; count--)
        {
            items.AddRange(last.Select(item => item.Clone()));
        }
    }

    private static void Nest(CborNode node, Dice dice)
    {
        var held = node.Clone();
        for (var depth = dice.Few(DeepestNest); depth > 1; depth--)
        {
            held = new CborNode { Major = CborNode.Array, Items = { held } };
        }

        node.Raw = new CborNode
        {
            Major = dice.Pick<int>([CborNode.Array, CborNode.Bytes, CborNode.Tag]),
            Value = (ulong)dice.Below(64),
            Items = { held },
        }.Encode();
    }

    private static CborNode Lent(CborNode donor, Dice dice)
    {
        var all = new List<(CborNode Node, CborNode? Holder)>();
        donor.Collect(all);
        return dice.Pick(all).Node.Clone();
    }
}
