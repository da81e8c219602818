using System.Security.Cryptography;
using Keywright.Protocol.Keys;
using Keywright.Protocol.Opening;
using Keywright.Protocol.Sealing;
using Keywright.Site;

namespace Keywright.Keystores.Software;

/// <summary>
/// The site's master key in memory, 32 bytes out of a key file: records under E0, the context as associated
/// data.
/// </summary>
public sealed class SoftwareRecordSealer(SealKey masterKey, IEntropy entropy) : IRecordSealer
{
    private const int MaxKeyBytes = 256;
    private const int NonceSize = 12;

    public byte[] Seal(Secret key, ReadOnlySpan<byte> context)
    {
        var nonce = new byte[NonceSize];
        entropy.Fill(nonce);
        return Encrypt0Sealer.Seal(masterKey, nonce, context, key.Expose());
    }

    public TKey Open<TKey>(ReadOnlySpan<byte> sealedKey, ReadOnlySpan<byte> context)
        where TKey : Secret, IDerivedKey<TKey>
    {
        if (Encrypt0Opener.Open(masterKey, context, sealedKey, MaxKeyBytes)
            .Refused(out var bytes, out var why)
            || bytes.Length != TKey.Size)
        {
            throw new InvalidDataException(
                $"a sealed key of the database does not open with this master key: {why}");
        }

        var key = TKey.FromBytes(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }
}
