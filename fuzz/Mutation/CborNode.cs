using System.Buffers.Binary;

namespace Keywright.Fuzz.Mutation;

/// <summary>
/// One item of CBOR, to be changed and written again: also in forms that no writer of the product makes, such
/// as a wrong count, a head that is too wide, or bytes that are no CBOR at all.
/// </summary>
internal sealed class CborNode
{
    public const int Unsigned = 0;
    public const int Negative = 1;
    public const int Bytes = 2;
    public const int Text = 3;
    public const int Array = 4;
    public const int Map = 5;
    public const int Tag = 6;
    public const int Simple = 7;

    private const int DeepestRead = 16;

    public int Major { get; set; }

    /// <summary>The number, tag or simple value.</summary>
    public ulong Value { get; set; }

    /// <summary>What a string holds, unless it holds an item.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>
    /// Items of an array, keys and values of a map, what is tagged, or the one item in a byte string.
    /// </summary>
    public List<CborNode> Items { get; init; } = [];

    /// <summary>Added to the count that the head states.</summary>
    public ulong Lie { get; set; }

    /// <summary>Bytes of the head's argument: 1, 2, 4 or 8; 0 for the shortest form.</summary>
    public int Width { get; set; }

    /// <summary>Written in place of all of it.</summary>
    public byte[]? Raw { get; set; }

    /// <summary>Reads one item that fills all of the bytes; null when they are anything else.</summary>
    public static CborNode? Parse(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        return Read(bytes, ref at, 0) is { } node && at == bytes.Length ? node : null;
    }

    public CborNode Clone() => new()
    {
        Major = Major,
        Value = Value,
        Content = Content,
        Items = [.. Items.Select(item => item.Clone())],
        Lie = Lie,
        Width = Width,
        Raw = Raw,
    };

    public byte[] Encode()
    {
        var bytes = new List<byte>();
        Write(bytes);
        return [.. bytes];
    }

    /// <summary>This node and all below it, each with the one that holds it.</summary>
    public void Collect(List<(CborNode Node, CborNode? Holder)> into, CborNode? holder = null)
    {
        into.Add((this, holder));
        foreach (var item in Items)
        {
            item.Collect(into, this);
        }
    }

    private void Write(List<byte> bytes)
    {
        if (Raw is not null)
        {
            bytes.AddRange(Raw);
            return;
        }

        switch (Major)
        {
            case Bytes when Items.Count > 0:
                var inner = new List<byte>();
                Items.ForEach(item => item.Write(inner));
                Head(bytes, (ulong)inner.Count + Lie);
                bytes.AddRange(inner);
                break;
            case Bytes or Text:
                Head(bytes, (ulong)Content.Length + Lie);
                bytes.AddRange(Content);
                break;
            case Array or Map:
                Head(bytes, (ulong)(Major == Map ? Items.Count / 2 : Items.Count) + Lie);
                Items.ForEach(item => item.Write(bytes));
                break;
            default:
                Head(bytes, Value);
                Items.ForEach(item => item.Write(bytes));
                break;
        }
    }

    private void Head(List<byte> bytes, ulong value)
    {
        var width = Width != 0 ? Width : value switch
        {
            < 24 => 0,
            <= byte.MaxValue => 1,
            <= ushort.MaxValue => 2,
            <= uint.MaxValue => 4,
            _ => 8,
        };
        var info = width switch { 0 => (int)value, 1 => 24, 2 => 25, 4 => 26, _ => 27 };
        bytes.Add((byte)((Major << 5) | info));
        for (var shift = (width - 1) * 8; shift >= 0; shift -= 8)
        {
            bytes.Add((byte)(value >> shift));
        }
    }

    private static CborNode? Read(ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        if (at >= bytes.Length || depth == DeepestRead)
        {
            return null;
        }

        var lead = bytes[at++];
        var info = lead & 0x1F;
        var width = info < 24 ? 0 : info <= 27 ? 1 << (info - 24) : -1;
        if (width < 0 || width > bytes.Length - at)
        {
            return null;
        }

        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        wide.Clear();
        bytes.Slice(at, width).CopyTo(wide[^width..]);
        at += width;
        var value = width == 0 ? (ulong)info : BinaryPrimitives.ReadUInt64BigEndian(wide);
        var node = new CborNode { Major = lead >> 5, Value = value };
        return node.Major switch
        {
            Bytes or Text => ReadString(node, bytes, ref at, depth),
            Array or Map or Tag => ReadItems(node, bytes, ref at, depth),
            _ => node,
        };
    }

    private static CborNode? ReadString(CborNode node, ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        if (node.Value > (ulong)(bytes.Length - at))
        {
            return null;
        }

        node.Content = bytes.Slice(at, (int)node.Value).ToArray();
        at += node.Content.Length;
        var inside = 0;
        if (node.Major == Bytes && node.Content.Length > 1 && node.Content[0] >> 5 is Array or Map
            && Read(node.Content, ref inside, depth + 1) is { } item && inside == node.Content.Length)
        {
            node.Items.Add(item);
        }

        return node;
    }

    private static CborNode? ReadItems(CborNode node, ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        var count = node.Major switch { Array => node.Value, Map => node.Value * 2, _ => 1UL };
        if (node.Value > (ulong)bytes.Length || count > (ulong)(bytes.Length - at))
        {
            return null;
        }

        while (node.Items.Count < (int)count)
        {
            if (Read(bytes, ref at, depth + 1) is not { } item)
            {
                return null;
            }

            node.Items.Add(item);
        }

        return node;
    }
}
