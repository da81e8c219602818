namespace Keywright.Protocol.Cbor;

/// <summary>One item of a flat array, as key derivation contexts and digests over several fields need them.</summary>
public readonly struct CborItem
{
    private readonly string? text;
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly ulong number;
    private readonly byte major;

    private CborItem(byte major, ulong number, string? text, ReadOnlyMemory<byte> bytes)
    {
        this.major = major;
        this.number = number;
        this.text = text;
        this.bytes = bytes;
    }

    /// <summary>The deterministic CBOR array of <paramref name="items"/>; with none, the one byte 0x80.</summary>
    public static byte[] Array(params ReadOnlySpan<CborItem> items)
    {
        using var writer = new CborWriter(64);
        writer.Array(items.Length);
        foreach (var item in items)
        {
            item.Write(writer);
        }

        return writer.ToArray();
    }

    /// <summary>Writes this item.</summary>
    public void Write(CborWriter writer)
    {
        _ = major switch
        {
            0 => writer.UInt(number),
            2 => writer.Bytes(bytes.Span),
            _ => writer.Text(text!),
        };
    }

    public static implicit operator CborItem(ulong value) => new(0, value, null, default);

    public static implicit operator CborItem(uint value) => new(0, value, null, default);

    public static implicit operator CborItem(int value) => new(0, checked((ulong)value), null, default);

    public static implicit operator CborItem(string value) => new(3, 0, value, default);

    public static implicit operator CborItem(byte[] value) => new(2, 0, null, value);

    public static implicit operator CborItem(ReadOnlyMemory<byte> value) => new(2, 0, null, value);

    public static implicit operator CborItem(Digest value) => new(2, 0, null, value.ToArray());

    public static implicit operator CborItem(ChipId value) => new(2, 0, null, value.ToArray());

    public static implicit operator CborItem(DeviceId value) => new(3, 0, value.ToString(), default);
}
