using System.Security.Cryptography;
using Keywright.Protocol.Backup;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Protocol.Sealing.Backup;

/// <summary>
/// Seals a key store for the chip that it is of (docs/spec/backup.md §5). The nonce is made from all that is
/// sealed, so that the same store gives the same Backup and no nonce comes twice for different ones.
/// </summary>
public static class BackupSealer
{
    /// <summary>
    /// Seals <paramref name="store"/>, number <paramref name="number"/>, under the chip's backup root
    /// KDF(C, "backup", [chip ID]); <paramref name="identity"/> is H(device ID).
    /// </summary>
    public static SealedBackup Seal(
        Secret backupRoot, ChipId chip, Digest identity, ulong number, ReadOnlySpan<byte> store)
    {
        ArgumentOutOfRangeException.ThrowIfZero(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(store.Length, SealedBackup.MaxStoreBytes);
        var aad = SealedBackup.Aad(chip, identity, number);
        Span<byte> tag = stackalloc byte[HMACSHA256.HashSizeInBytes];
        using var nonceKey = Kdf.Derive<MacKey>(backupRoot, "nonce", CborItem.Array());
        using var key = Kdf.Derive<SealKey>(backupRoot, "seal", CborItem.Array());
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, nonceKey.Expose());
        mac.AppendData(aad);
        mac.AppendData(store);
        mac.GetHashAndReset(tag);
        return new SealedBackup(number, Encrypt0Sealer.Seal(key, tag[..Hpke.NonceSize], aad, store));
    }
}
