using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>P-256 scalars from derived bytes, and points in the forms that messages carry.</summary>
internal static class P256
{
    public const int ScalarSize = 32;
    public const int PointSize = 65;
    public const int DerivedSize = 48;

    private const byte Uncompressed = 0x04;

    private static readonly ulong[] OrderLessOne =
        [0xf3b9cac2fc632550, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000];

    // SP 800-186 §3.2.1.3.
    private static readonly BigInteger Prime = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger CurveB = Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    /// <summary>
    /// FIPS 186-5 A.2.1: d = (c mod (n − 1)) + 1 for 384 derived bits c, big-endian; without branches on secret bits.
    /// </summary>
    public static void ScalarFromDerived(ReadOnlySpan<byte> derived48, Span<byte> scalar32)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(derived48.Length, DerivedSize);
        Span<ulong> value = stackalloc ulong[4];
        value.Clear();
        foreach (var b in derived48)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                var carry = ShiftLeft(value, (ulong)(b >> bit) & 1);
                SubtractOrderLessOne(value, carry);
            }
        }

        var one = 1ul;
        for (var i = 0; i < 4; i++)
        {
            value[i] += one;
            one &= value[i] == 0 ? 1ul : 0ul;
            BinaryPrimitives.WriteUInt64BigEndian(scalar32[((3 - i) * 8)..], value[i]);
        }

        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(value));
    }

    /// <summary>The 65 bytes 04 ‖ x ‖ y of a platform key.</summary>
    public static byte[] Point(ECParameters parameters)
    {
        var point = new byte[PointSize];
        point[0] = Uncompressed;
        parameters.Q.X!.CopyTo(point, 1);
        parameters.Q.Y!.CopyTo(point, 1 + ScalarSize);
        return point;
    }

    /// <summary>Whether these are 65 bytes 04 ‖ x ‖ y.</summary>
    public static bool IsUncompressed(ReadOnlySpan<byte> point) => point.Length == PointSize && point[0] == Uncompressed;

    /// <summary>
    /// Whether x and y of 04 ‖ x ‖ y are below p, and y² = x³ − 3x + b. Points are public. It tells a refusal early and
    /// costs less than an import; the platform judges again when it imports the key.
    /// </summary>
    public static bool IsOnCurve(ReadOnlySpan<byte> point)
    {
        var x = new BigInteger(point.Slice(1, ScalarSize), isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(point[(1 + ScalarSize)..], isUnsigned: true, isBigEndian: true);
        return x < Prime && y < Prime && ((((x * x) - 3) * x) + CurveB - (y * y)) % Prime == 0;
    }

    /// <summary>Platform parameters of a point; null when it has not the right form.</summary>
    public static ECParameters? FromPoint(ReadOnlySpan<byte> point) =>
        IsUncompressed(point)
            ? new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point[1..33].ToArray(), Y = point[33..].ToArray() },
            }
            : null;

    /// <summary>True when s of r ‖ s is at most half the order: of the two forms of a signature, the one that is allowed.</summary>
    public static bool HasLowS(ReadOnlySpan<byte> signature) =>
        signature.Length == 2 * ScalarSize && signature[ScalarSize..].SequenceCompareTo(HalfOrderBytes) <= 0;

    /// <summary>Puts n − s in place of an s above half the order. Signatures are public: no secret branches here.</summary>
    public static void LowerS(Span<byte> signature)
    {
        if (HasLowS(signature))
        {
            return;
        }

        var s = signature[ScalarSize..];
        var borrow = 0;
        for (var i = ScalarSize - 1; i >= 0; i--)
        {
            var difference = OrderBytes[i] - s[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            s[i] = (byte)difference;
        }
    }

    private static ReadOnlySpan<byte> OrderBytes =>
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    private static ReadOnlySpan<byte> HalfOrderBytes =>
    [
        0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
    ];

    /// <summary>True for a private scalar, 1…n−1.</summary>
    public static bool IsScalar(ReadOnlySpan<byte> scalar32) =>
        scalar32.ContainsAnyExcept((byte)0) && scalar32.SequenceCompareTo(OrderBytes) < 0;

    private static ulong ShiftLeft(Span<ulong> value, ulong carry)
    {
        for (var i = 0; i < 4; i++)
        {
            var next = value[i] >> 63;
            value[i] = (value[i] << 1) | carry;
            carry = next;
        }

        return carry;
    }

    private static void SubtractOrderLessOne(Span<ulong> value, ulong overflow)
    {
        Span<ulong> difference = stackalloc ulong[4];
        var borrow = 0ul;
        for (var i = 0; i < 4; i++)
        {
            var wide = (UInt128)value[i] - OrderLessOne[i] - borrow;
            difference[i] = (ulong)wide;
            borrow = (ulong)(wide >> 64) & 1;
        }

        var take = 0ul - (overflow | (borrow ^ 1));
        for (var i = 0; i < 4; i++)
        {
            value[i] = (difference[i] & take) | (value[i] & ~take);
        }
    }

    private static BigInteger Hex(string digits) =>
        new(Convert.FromHexString(digits), isUnsigned: true, isBigEndian: true);
}
