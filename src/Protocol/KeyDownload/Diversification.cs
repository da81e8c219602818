using System.Security.Cryptography;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.KeyDownload;

/// <summary>
/// NXP AN10922: a key for each unit from one AES key. CMAC over a constant and M, which is padded to 32 bytes
/// however short it is; two such CMACs make a key of 24 or 32 bytes (docs/spec/keydownload.md §2).
/// </summary>
public static class Diversification
{
    /// <summary>The longest application ID in bytes.</summary>
    public const int MaxApplicationIdSize = 8;

    private const int MaxInputSize = 31;
    private const int PaddedSize = 32;

    /// <summary>T_SN of one unit: M = len(SN) ‖ SN ‖ application ID (1 to 8 bytes).</summary>
    public static UnitKey KeyOf(TransportKey transport, SerialNumber serial, ReadOnlySpan<byte> applicationId)
    {
        ArgumentOutOfRangeException.ThrowIfZero(applicationId.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(applicationId.Length, MaxApplicationIdSize);
        var number = serial.ToArray();
        Span<byte> diversified = stackalloc byte[transport.Length];
        Diversify(transport.Expose(), [(byte)number.Length, .. number, .. applicationId], diversified);
        var key = new UnitKey(diversified);
        CryptographicOperations.ZeroMemory(diversified);
        return key;
    }

    /// <summary>Diversifies a key of 16, 24 or 32 bytes by M of 1 to 31 bytes into a key as long.</summary>
    public static void Diversify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(input.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, MaxInputSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, key.Length);
        using var cmac = new AesCmac(key);
        Span<byte> first = stackalloc byte[AesCmac.TagSize];
        Span<byte> second = stackalloc byte[AesCmac.TagSize];
        switch (key.Length)
        {
            case 16:
                Mac(cmac, 0x01, input, destination);
                break;
            case 24:
                Mac(cmac, 0x11, input, first);
                Mac(cmac, 0x12, input, second);
                first[..8].CopyTo(destination);
                second[8..].CopyTo(destination[16..]);
                for (var i = 0; i < 8; i++)
                {
                    destination[8 + i] = (byte)(first[8 + i] ^ second[i]);
                }

                break;
            default:
                Mac(cmac, 0x41, input, destination);
                Mac(cmac, 0x42, input, destination[AesCmac.TagSize..]);
                break;
        }

        CryptographicOperations.ZeroMemory(first);
        CryptographicOperations.ZeroMemory(second);
    }

    private static void Mac(AesCmac cmac, byte constant, ReadOnlySpan<byte> input, Span<byte> tag)
    {
        Span<byte> message = stackalloc byte[PaddedSize];
        message.Clear();
        message[0] = constant;
        input.CopyTo(message[1..]);
        var padded = input.Length < MaxInputSize;
        if (padded)
        {
            message[1 + input.Length] = 0x80;
        }

        cmac.Append(message);
        cmac.FinishBlocks(padded, tag);
    }
}
