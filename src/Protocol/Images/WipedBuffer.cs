using System.Security.Cryptography;

namespace Keywright.Protocol.Images;

/// <summary>Room in which a secret is put together before its own type takes it: pinned, and wiped on dispose.</summary>
internal sealed class WipedBuffer(int length) : IDisposable
{
    private readonly byte[] bytes = GC.AllocateArray<byte>(length, pinned: true);

    public Span<byte> Bytes => bytes;

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);
}
