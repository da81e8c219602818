using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keywright.Protocol;
using Keywright.Protocol.Cbor;

namespace Keywright.Device.Provisioning;

/// <summary>A public value: an unsigned integer, a text or bytes, as it stands in a CBOR context.</summary>
internal readonly record struct PublicValue
{
    private const int ShownBytes = 8;

    private readonly ulong number;
    private readonly string? text;
    private readonly byte[]? bytes;

    private PublicValue(ulong number, string? text, byte[]? bytes)
    {
        this.number = number;
        this.text = text;
        this.bytes = bytes;
    }

    public static PublicValue Of(ulong number) => new(number, null, null);

    public static PublicValue Of(string text) => new(0, text, null);

    public static PublicValue Of(byte[] bytes) => new(0, null, bytes);

    public static PublicValue Of(Digest digest) => new(0, null, digest.ToArray());

    /// <summary>The bytes; null when it is a number or a text.</summary>
    public byte[]? Bytes => bytes;

    /// <summary>The number; null when it is a text or bytes.</summary>
    public ulong? Number => bytes is null && text is null ? number : null;

    /// <summary>As a digest; null when it is none.</summary>
    public Digest? Digest => bytes is { Length: Protocol.Digest.Size } ? new Digest(bytes) : null;

    /// <summary>For people: a number, a text in quotes, the beginning of bytes in hexadecimal.</summary>
    public override string ToString() =>
        bytes is { Length: > ShownBytes } ? $"{Convert.ToHexStringLower(bytes.AsSpan(0, ShownBytes))}…" :
        bytes is not null ? Convert.ToHexStringLower(bytes) :
        text is not null ? $"\"{text}\"" :
        number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes it as one CBOR item.</summary>
    public void Write(CborWriter writer) =>
        _ = bytes is not null ? writer.Bytes(bytes) :
            text is not null ? writer.Text(text) :
            writer.UInt(number);

    /// <summary>The same kind and the same content; bytes in constant time.</summary>
    public bool IsSame(PublicValue other)
    {
        using var mine = new CborWriter(64);
        using var theirs = new CborWriter(64);
        Write(mine);
        other.Write(theirs);
        return CryptographicOperations.FixedTimeEquals(mine.Written, theirs.Written);
    }

    /// <summary>
    /// What is emitted and authenticated: the bytes themselves, a text's UTF-8, a number's CBOR.
    /// </summary>
    public byte[] Raw()
    {
        if (bytes is not null)
        {
            return bytes;
        }

        if (text is not null)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        using var writer = new CborWriter(16);
        return writer.UInt(number).ToArray();
    }
}
