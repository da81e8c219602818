using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// What sealing and opening a body have in common: the keys of one body, and the nonce of each chunk.
/// </summary>
internal sealed class BodyCipher : IDisposable
{
    private const int NonceSize = 12;
    private const int CommitmentSize = 32;
    private readonly AesGcm gcm;
    private readonly byte[] baseNonce = new byte[NonceSize];
    private readonly byte[] commitment = new byte[CommitmentSize];

    public BodyCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
    {
        if (key.Length != BodyShape.KeySize)
        {
            throw new ArgumentException($"A body key of {key.Length} bytes.", nameof(key));
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, BodyShape.SaltSize);
        Span<byte> derived = stackalloc byte[2 * SHA512.HashSizeInBytes];
        HkdfSha512.Expand(
            key, [.. "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8, .. salt, .. context], derived);
        gcm = new AesGcm(derived[..BodyShape.KeySize], BodyShape.TagSize);
        derived.Slice(BodyShape.KeySize, NonceSize).CopyTo(baseNonce);
        derived.Slice(BodyShape.KeySize + NonceSize, CommitmentSize).CopyTo(commitment);
        CryptographicOperations.ZeroMemory(derived);
    }

    public ReadOnlySpan<byte> Commitment => commitment;

    public void Seal(long index, ReadOnlySpan<byte> chunk, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        NonceOf(index, nonce);
        var tag = destination.Slice(chunk.Length, BodyShape.TagSize);
        gcm.Encrypt(nonce, chunk, destination[..chunk.Length], tag);
    }

    public bool TryOpen(long index, ReadOnlySpan<byte> sealedChunk, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        NonceOf(index, nonce);
        var size = sealedChunk.Length - BodyShape.TagSize;
        try
        {
            gcm.Decrypt(nonce, sealedChunk[..size], sealedChunk[size..], destination[..size]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        gcm.Dispose();
        CryptographicOperations.ZeroMemory(baseNonce);
    }

    private void NonceOf(long index, Span<byte> nonce)
    {
        baseNonce.CopyTo(nonce);
        var tail = nonce[^sizeof(ulong)..];
        var xored = BinaryPrimitives.ReadUInt64BigEndian(tail) ^ (ulong)index;
        BinaryPrimitives.WriteUInt64BigEndian(tail, xored);
    }
}
