namespace Keywright.TestSupport;

/// <summary>Every single-bit change of some bytes, one after the other.</summary>
public static class SingleBits
{
#if SAMPLED
    // Of what is long only a sample; the stride is prime, so that every bit of an octet has its turn.
    private static int Stride(byte[] bytes) => bytes.Length > 256 ? 61 : 1;
#else
    private static int Stride(byte[] bytes) => 1;
#endif

    /// <summary>
    /// The bit that is changed, counted from the first octet's lowest one, and the bytes with it: the same
    /// array each time.
    /// </summary>
    public static IEnumerable<(int Bit, byte[] Changed)> Of(byte[] bytes)
    {
        var changed = (byte[])bytes.Clone();
        var stride = Stride(bytes);
        for (var bit = 0; bit < bytes.Length * 8; bit += stride)
        {
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return (bit, changed);
            changed[bit / 8] = bytes[bit / 8];
        }
    }
}
