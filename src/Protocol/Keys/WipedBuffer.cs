using System.Security.Cryptography;

namespace Keywright.Protocol.Keys;

/// <summary>
/// Room in which a secret is put together before its own type takes it over: pinned, and wiped on dispose when it was not.
/// Every byte is to be written.
/// </summary>
internal sealed class WipedBuffer(int length) : IDisposable
{
    private byte[] bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);

    public Span<byte> Bytes => bytes;

    /// <summary>The bytes change hands: who gets them wipes them.</summary>
    public byte[] HandOver()
    {
        var handed = bytes;
        bytes = [];
        return handed;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);
}
