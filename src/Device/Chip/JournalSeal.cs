using System.Buffers.Binary;
using System.Security.Cryptography;
using Keywright.Protocol.Cbor;
using Keywright.Protocol.Keys;

namespace Keywright.Device.Chip;

/// <summary>
/// How the journal's bytes are sealed (docs/spec/chip.md §6.3): AES-256-GCM, one key for the record and one
/// for the pages of each transaction, from the store root and that transaction's 16 random bytes. A nonce is
/// a number within one transaction, so that it cannot come again even where a power cut makes a sequence
/// number come again.
/// </summary>
internal sealed class JournalSeal(StoreRoot root)
{
    public const int SaltSize = 16;
    public const int TagSize = 16;
    private const int NonceSize = 12;

    /// <summary>ciphertext ‖ tag of one page of an object into <paramref name="destination"/>.</summary>
    public void SealPage(
        byte[] salt, uint nonce, string name, int index, ReadOnlySpan<byte> content,
        Span<byte> destination) =>
        Seal("journal page", salt, nonce, [name, index], content, destination);

    /// <summary>False when the page is not the one that was sealed there.</summary>
    public bool OpenPage(StoredObject stored, int index, ReadOnlySpan<byte> sealedPage, Span<byte> content) =>
        Open(
            "journal page",
            stored.Salt,
            stored.FirstNonce + (uint)index,
            [stored.Name, index],
            sealedPage,
            content);

    public void SealRecord(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> record, Span<byte> destination) =>
        Seal("journal record", salt, 0, [record.Length], record, destination);

    public bool OpenRecord(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> sealedRecord, Span<byte> record) =>
        Open("journal record", salt, 0, [record.Length], sealedRecord, record);

    private void Seal(
        string key,
        ReadOnlySpan<byte> salt,
        uint number,
        CborItem[] aad,
        ReadOnlySpan<byte> content,
        Span<byte> output)
    {
        using var aes = Cipher(key, salt);
        Span<byte> nonce = stackalloc byte[NonceSize];
        Nonce(number, nonce);
        var tag = output.Slice(content.Length, TagSize);
        aes.Encrypt(nonce, content, output[..content.Length], tag, CborItem.Array(aad));
    }

    private bool Open(
        string key,
        ReadOnlySpan<byte> salt,
        uint number,
        CborItem[] aad,
        ReadOnlySpan<byte> input,
        Span<byte> content)
    {
        using var aes = Cipher(key, salt);
        Span<byte> nonce = stackalloc byte[NonceSize];
        Nonce(number, nonce);
        try
        {
            var tag = input.Slice(content.Length, TagSize);
            aes.Decrypt(nonce, input[..content.Length], tag, content, CborItem.Array(aad));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private AesGcm Cipher(string name, ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[SealKey.Size];
        Kdf.Derive(root.Expose(), name, CborItem.Array(salt.ToArray()), key);
        var aes = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }

    private static void Nonce(uint number, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[^sizeof(uint)..], number);
    }
}
