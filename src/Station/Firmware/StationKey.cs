using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Station.Firmware;

/// <summary>
/// The station's own key, 32 bytes out of its key file: wraps what its journal keeps secret. KWP under
/// KDF(station key, "station journal", [station, j]), so that a wrapped secret opens in its place alone.
/// </summary>
public sealed class StationKey : Secret, IDerivedKey<StationKey>
{
    private const int WrapUnit = 8;
    private const int ShortestWrapped = 16;

    private StationKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    public static int Size => 32;

    public static StationKey FromBytes(ReadOnlySpan<byte> bytes) => new(bytes);

    internal byte[] Wrap(ReadOnlySpan<byte> secret, string station, uint turn)
    {
        using var aes = Cipher(station, turn);
        return aes.EncryptKeyWrapPadded(secret);
    }

    /// <summary>The caller wipes what it gets.</summary>
    internal byte[] Unwrap(ReadOnlySpan<byte> wrapped, string station, uint turn)
    {
        if (wrapped.Length < ShortestWrapped || wrapped.Length % WrapUnit != 0)
        {
            throw new InvalidDataException($"the journal is damaged: a secret of {wrapped.Length} bytes");
        }

        using var aes = Cipher(station, turn);
        try
        {
            return aes.DecryptKeyWrapPadded(wrapped);
        }
        catch (CryptographicException fault)
        {
            throw new InvalidDataException("the journal belongs to another station key", fault);
        }
    }

    private Aes Cipher(string station, uint turn)
    {
        using var key = Kdf.Derive<SealKey>(this, "station journal", CborItem.Array(station, turn));
        var aes = Aes.Create();
        aes.SetKey(key.Expose());
        return aes;
    }
}
