using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Keywright.Protocol.Cbor;

/// <summary>
/// Reads deterministic CBOR in the wire profile (docs/spec/wire.md §2). The first fault is kept and everything read
/// after it is empty, so that a message is read top-down without a check after every field: read all, then ask
/// <see cref="Finish"/>. Keys are asked for in bytewise order; unknown, repeated and misplaced ones are refused.
/// Refusals: <see cref="Reason.Malformed"/>, <see cref="Reason.TooLarge"/>, <see cref="Reason.WrongVersion"/>.
/// </summary>
public ref struct CborReader
{
    /// <summary>How deep arrays and maps may nest within one byte string.</summary>
    public const int MaxDepth = 4;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> source;
    private int position;
    private int depth;
    private Remaining remaining;
    private Refusal? refusal;

    public CborReader(ReadOnlySpan<byte> source) => this.source = source;

    /// <summary>True once something was refused.</summary>
    public readonly bool Failed => refusal is not null;

    /// <summary>Where the next item begins.</summary>
    public readonly int Position => position;

    /// <summary>Major type of the next item, where a field may be one of two; −1 at the end and once failed.</summary>
    public readonly int NextMajor => Failed || position >= source.Length ? -1 : source[position] >> 5;

    /// <summary>The verdict: null when everything was well formed and nothing is left over.</summary>
    public Refusal? Finish()
    {
        if (!Failed && depth != 0)
        {
            throw new InvalidOperationException("A container was opened and not ended.");
        }

        if (!Failed && position != source.Length)
        {
            Refuse(Reason.Malformed, $"{source.Length - position} bytes after the end");
        }

        return refusal;
    }

    /// <summary>Keeps the first refusal.</summary>
    public void Refuse(Reason reason, string detail) => refusal ??= new Refusal(reason, detail);

    /// <summary>Opens an array of between <paramref name="min"/> and <paramref name="max"/> items; gives their count.</summary>
    public int Array(int min, int max) => Open(4, min, max, 1);

    public void EndArray() => Close();

    /// <summary>Opens a map of at most <paramref name="max"/> pairs; a field that is missing is missed where it is asked for.</summary>
    public int Map(int max) => Open(5, 0, max, 2);

    public void EndMap() => Close();

    /// <summary>The next key must be this one.</summary>
    public void Key(int key)
    {
        if (!Failed && !TryKey(key))
        {
            Refuse(Reason.Malformed, $"key {key} expected at byte {position}");
        }
    }

    /// <summary>Consumes the key when it is the next one: optional fields.</summary>
    public bool TryKey(int key)
    {
        var encoded = key >= 0 ? key : 0x20 | (-1 - key);
        if (Failed || remaining[depth - 1] == 0 || position >= source.Length || source[position] != encoded)
        {
            return false;
        }

        position++;
        remaining[depth - 1]--;
        return true;
    }

    /// <summary>Key 0 of every payload: its version.</summary>
    public void Version(uint version)
    {
        Key(0);
        var found = UInt(ulong.MaxValue);
        if (!Failed && found != version)
        {
            Refuse(Reason.WrongVersion, $"version {found}, this reader knows {version}");
        }
    }

    public ulong UInt(ulong max)
    {
        var value = Head(0);
        if (!Failed && value > max)
        {
            Refuse(Reason.TooLarge, $"{value} where at most {max} is allowed");
        }

        return Failed ? 0 : value;
    }

    public uint UInt32(uint max = uint.MaxValue) => (uint)UInt(max);

    /// <summary>One that is never 0, such as a count that begins at 1 or a choice. Refusals: TooLarge above, Malformed for 0.</summary>
    public ulong Positive(ulong max)
    {
        var value = UInt(max);
        if (!Failed && value == 0)
        {
            Refuse(Reason.Malformed, $"0 before byte {position}");
        }

        return value;
    }

    /// <summary>Any integer, where size does not matter: an algorithm. What is beyond 63 bits is told as the last within.</summary>
    public long Int()
    {
        var value = (long)Math.Min(Integer(out var negative), long.MaxValue);
        return negative ? -1 - value : value;
    }

    /// <summary>A negative or non-negative integer within the given bounds.</summary>
    public long Int(long min, long max)
    {
        var value = Integer(out var negative);
        if (!Failed && value > long.MaxValue)
        {
            Refuse(Reason.TooLarge, "an integer beyond 63 bits");
        }

        var signed = negative ? -1 - (long)value : (long)value;
        if (!Failed && (signed < min || signed > max))
        {
            Refuse(Reason.TooLarge, $"{signed} outside {min}…{max}");
        }

        return Failed ? 0 : signed;
    }

    public bool Bool()
    {
        var value = Head(7);
        if (!Failed && value is not (20 or 21))
        {
            Refuse(Reason.Malformed, "neither true nor false");
        }

        return !Failed && value == 21;
    }

    /// <summary>A byte string of between <paramref name="min"/> and <paramref name="max"/> bytes; empty once failed.</summary>
    public ReadOnlySpan<byte> Bytes(int min, int max) => String(2, min, max);

    /// <summary>A byte string that only what it stands in limits. Refusals: Malformed when it runs over.</summary>
    public ReadOnlySpan<byte> Bytes() => Content(Head(2));

    /// <summary>A byte string of exactly <paramref name="size"/> bytes.</summary>
    public ReadOnlySpan<byte> Bytes(int size) => String(2, size, size);

    public Digest Digest()
    {
        var bytes = Bytes(Protocol.Digest.Size);
        return Failed ? default : new Digest(bytes);
    }

    /// <summary>A UTF-8 text of between <paramref name="min"/> and <paramref name="max"/> bytes; empty once failed.</summary>
    public string Text(int min, int max) => Utf8(String(3, min, max));

    /// <summary>A UTF-8 text that only what it stands in limits. Refusals: Malformed when it runs over.</summary>
    public string Text() => Utf8(Content(Head(3)));

    private ulong Integer(out bool negative)
    {
        negative = NextMajor == 1;
        return Head(negative ? 1 : 0);
    }

    private string Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Refuse(Reason.Malformed, "text that is not UTF-8");
            return string.Empty;
        }
    }

    private ReadOnlySpan<byte> String(int major, int min, int max)
    {
        var size = Head(major);
        if (!Failed && size > (ulong)max)
        {
            Refuse(Reason.TooLarge, $"{size} bytes where at most {max} are allowed");
        }

        if (!Failed && size < (ulong)min)
        {
            Refuse(Reason.Malformed, $"{size} bytes where at least {min} are needed");
        }

        return Content(size);
    }

    private ReadOnlySpan<byte> Content(ulong size)
    {
        if (!Failed && size > (ulong)(source.Length - position))
        {
            Refuse(Reason.Malformed, $"a string of {size} bytes at byte {position}");
        }

        if (Failed)
        {
            return default;
        }

        var content = source.Slice(position, (int)size);
        position += (int)size;
        return content;
    }

    private int Open(int major, int min, int max, int itemsEach)
    {
        var count = Head(major);
        if (!Failed && count > (ulong)max)
        {
            Refuse(Reason.TooLarge, $"{count} items where at most {max} are allowed");
        }

        if (!Failed && (count < (ulong)min || depth == MaxDepth))
        {
            Refuse(Reason.Malformed, $"a container of {count} items at depth {depth + 1}");
        }

        if (Failed)
        {
            return 0;
        }

        remaining[depth++] = (int)count * itemsEach;
        return (int)count;
    }

    private void Close()
    {
        if (!Failed && remaining[depth - 1] != 0)
        {
            Refuse(Reason.Malformed, $"an item nobody asked for at byte {position}");
        }

        if (!Failed)
        {
            depth--;
        }
    }

    private ulong Head(int major)
    {
        if (Failed)
        {
            return 0;
        }

        if (position >= source.Length || (depth > 0 && remaining[depth - 1] == 0))
        {
            Refuse(Reason.Malformed, $"an item is missing at byte {position}");
            return 0;
        }

        var lead = source[position];
        var info = lead & 0x1F;
        var width = info < 24 ? 0 : info <= 27 ? 1 << (info - 24) : -1;
        if (lead >> 5 != major || width < 0 || width > source.Length - position - 1)
        {
            Refuse(Reason.Malformed, $"major type {major} expected at byte {position}");
            return 0;
        }

        var tail = source.Slice(position + 1, width);
        var value = width switch
        {
            0 => (ulong)info,
            1 => tail[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(tail),
            4 => BinaryPrimitives.ReadUInt32BigEndian(tail),
            _ => BinaryPrimitives.ReadUInt64BigEndian(tail),
        };
        if (!Shortest(width, value) || (major == 7 && width != 0))
        {
            Refuse(Reason.Malformed, $"not the shortest form at byte {position}");
            return 0;
        }

        position += 1 + width;
        if (depth > 0)
        {
            remaining[depth - 1]--;
        }

        return value;
    }

    private static bool Shortest(int width, ulong value) => width switch
    {
        0 => true,
        1 => value >= 24,
        2 => value > byte.MaxValue,
        4 => value > ushort.MaxValue,
        _ => value > uint.MaxValue,
    };

    [InlineArray(MaxDepth)]
    private struct Remaining
    {
        private int first;
    }
}
