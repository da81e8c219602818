using System.Formats.Asn1;
using System.Numerics;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Backup.Log;

/// <summary>
/// ECDSA signatures as notes carry them: DER SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 §2.2.3).
/// </summary>
internal static class DerSignature
{
    private const int IntegerSize = SigningKey.SignatureSize / 2;

    public static byte[] Write(ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Number(signature[..IntegerSize]));
            writer.WriteInteger(Number(signature[IntegerSize..]));
        }

        return writer.Encode();
    }

    public static bool TryRead(ReadOnlySpan<byte> der, out byte[] signature)
    {
        signature = new byte[SigningKey.SignatureSize];
        try
        {
            var reader = new AsnReader(der.ToArray(), AsnEncodingRules.DER);
            var numbers = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var fits = TryWrite(numbers.ReadInteger(), signature.AsSpan(0, IntegerSize)) &&
                TryWrite(numbers.ReadInteger(), signature.AsSpan(IntegerSize));
            numbers.ThrowIfNotEmpty();
            return fits;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) =>
        new(bytes, isUnsigned: true, isBigEndian: true);

    private static bool TryWrite(BigInteger number, Span<byte> destination)
    {
        if (number.Sign < 0 || number.GetByteCount(isUnsigned: true) > destination.Length)
        {
            return false;
        }

        var size = number.GetByteCount(isUnsigned: true);
        return number.TryWriteBytes(destination[^size..], out _, isUnsigned: true, isBigEndian: true);
    }
}
