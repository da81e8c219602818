using System.Buffers.Binary;
using System.Text;
using Keywright.Protocol;

namespace Keywright.Fuzz;

/// <summary>SplitMix64: the same throws for the same seed on every machine.</summary>
public sealed class Dice(ulong seed)
{
    private ulong state = seed;

    /// <summary>The dice of one case, whatever was thrown for the others.</summary>
    public static Dice For(ulong seed, string target, long number)
    {
        Span<byte> digest = stackalloc byte[Digest.Size];
        Digest.Of(Encoding.UTF8.GetBytes($"{seed} {target} {number}")).CopyTo(digest);
        return new Dice(BinaryPrimitives.ReadUInt64BigEndian(digest));
    }

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>0 … bound − 1; 0 when there is nothing to choose from.</summary>
    public int Below(int bound) => bound < 2 ? 0 : (int)(Next() % (uint)bound);

    public bool OneIn(int bound) => Below(bound) == 0;

    public T Pick<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            bytes[i] = (byte)Next();
        }

        return bytes;
    }

    /// <summary>Mostly small, at most <paramref name="max"/>: half of the throws give 1, a quarter 2, …</summary>
    public int Few(int max)
    {
        var count = 1;
        while (count < max && OneIn(2))
        {
            count++;
        }

        return count;
    }
}
